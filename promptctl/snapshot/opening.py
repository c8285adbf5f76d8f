"""Revisions -> the two Snapshots that are compared, each with its own default model and params."""

from collections.abc import Mapping
from dataclasses import replace

from promptctl.documents import decode
from promptctl.errors import FileError, InvalidSettings, Problem
from promptctl.settings import FILE, Settings, read_settings
from promptctl.snapshot.snapshot import Snapshot
from promptctl.versions.source import Files, Place, Revisions, Source


def settings_text(repo: Files, source: Source) -> str | None:
    """The text of .promptctl.yaml at a Source; None where there is none. Raises InvalidSettings."""
    if repo.entry(source, FILE) is None:
        return None
    try:
        return decode(repo.read(source, FILE), FILE)
    except FileError as error:
        raise InvalidSettings(error.problems) from None


def settings_at(repo: Files, source: Source, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings at a Source, the defaults where it has none. Raises InvalidSettings."""
    where = FILE if source.place is Place.WORKTREE else f"{FILE} at {source.revision}"
    return read_settings(settings_text(repo, source), where=where, environ=environ)


def open_snapshots(
    repo: Files,
    revisions: Revisions,
    settings: Settings,
    environ: Mapping[str, str] | None = None,
) -> tuple[Snapshot, Snapshot]:
    """The old and the new side under the settings in force.

    The default model and params are read at each side; where a side has no settings, those in force stand in. Where
    its own settings name other prompts, these are its former ones: a folder may move together with its setting.
    """
    return _side(repo, revisions.old, settings, environ), _side(repo, revisions.new, settings, environ)


def _side(repo: Files, source: Source, settings: Settings, environ: Mapping[str, str] | None) -> Snapshot:
    try:
        absent = settings_text(repo, source) is None
        own = settings_at(repo, source, environ)
    except InvalidSettings as error:
        if source.place is not Place.COMMIT:
            raise
        # History cannot be mended: an old file that is refused today must not stop every comparison with it.
        message = f"the settings at {source.revision} cannot be read; the model and params of today's stand in."
        return Snapshot(repo, source, settings, problems=[Problem(FILE, message), *error.problems])
    former = [entry for entry in own.prompts if entry not in settings.prompts]
    chosen = settings if absent else replace(settings, model=own.model, params=own.params)
    return Snapshot(repo, source, chosen, former=former)
