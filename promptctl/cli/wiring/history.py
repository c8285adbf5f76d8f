"""`log` and `blame`: from a name to its versions."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from promptctl.cli.wiring.chosen import chosen_prompt
from promptctl.errors import InvalidPrompt, NothingSelected, UserError
from promptctl.prompts.prompt import Prompt
from promptctl.reports.history import BlameView, CommitView, LineView, LogView, ReplayNote, VersionView
from promptctl.settings import Settings
from promptctl.snapshot import Snapshot
from promptctl.versions.git import Repository
from promptctl.versions.history import Commit
from promptctl.versions.source import Place, Source
from promptctl.workflows.blame import BlamedLine, blame
from promptctl.workflows.history import Version, versions


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A prompt of which the history is asked: its name, the commit to begin with, and the prompts as they are now."""

    repo: Repository
    settings: Settings
    name: str
    newest: str
    now: Snapshot


@contextmanager
def _wanted(text: str) -> Iterator[_Wanted]:
    with chosen_prompt(text) as chosen:
        newest = chosen.snapshot.source.commit or chosen.repo.head()
        if newest is None:
            raise UserError("no commit yet: there is no history.", hint="Commit the prompts first: git commit.")
        yield _Wanted(chosen.repo, chosen.settings, chosen.name, newest, chosen.snapshot)


def log_of(text: str, *, every: bool, most: int | None) -> LogView:
    """The versions of a prompt, NAME or NAME@REV. `every`: those that changed no meaning too."""
    shown: list[VersionView] = []
    left_out = 0
    with _wanted(text) as wanted:
        replays = _replays(wanted)
        for version in versions(wanted.repo, wanted.settings, wanted.name, wanted.newest):
            if not every and not version.meaningful:
                left_out += 1
                continue
            if most is not None and len(shown) >= most:
                break
            shown.append(_view(version, replays.get(version.commit.oid, {}).get(version.pair.name, ())))
        return LogView(wanted.name, tuple(shown), left_out, wanted.repo.is_shallow())


def blame_of(text: str) -> BlameView:
    """The origin of each line of a prompt, NAME or NAME@REV."""
    with _wanted(text) as wanted:
        present = wanted.now.prompt(wanted.name)
        history = versions(wanted.repo, wanted.settings, wanted.name, wanted.newest)
        committed = _committed(wanted, present)
        lines = blame(present, committed, history if committed is not None else _any_of(history))
        shallow = wanted.repo.is_shallow()
    return BlameView(wanted.name, tuple(map(_line, lines)), shallow)


def _committed(wanted: _Wanted, present: Prompt) -> Prompt | None:
    if wanted.now.source.place is Place.COMMIT:
        return present
    head = Snapshot(wanted.repo, Source(Place.COMMIT, "HEAD", wanted.newest), wanted.settings)
    try:
        return head.prompt(wanted.name)
    except (InvalidPrompt, NothingSelected):
        return None


def _any_of(history: Iterator[Version]) -> Iterable[Version]:
    """The history, none where there is none: a prompt that was never committed."""
    try:
        return chain([next(history)], history)
    except NothingSelected:
        return ()


def _replays(wanted: _Wanted) -> dict[str, dict[str, Sequence[ReplayNote]]]:
    """What stored runs said, by the new side's commit, then by prompt; the newest of each first."""
    from promptctl.cli.wiring.stored import open_stored
    from promptctl.store import RunState

    found: dict[str, dict[str, list[ReplayNote]]] = {}
    with open_stored(wanted.repo, wanted.settings, say_so=False) as store:
        records = [record for record in store.list_runs(1000) if record.state is RunState.FINISHED and record.document]
    for record in records:
        document = record.document or {}
        notes = found.setdefault(str(document.get("new", {}).get("commit")), {})
        for prompt in document.get("prompts", ()):
            counts = prompt["counts"]
            note = ReplayNote(record.id, prompt["verdict"], counts.get("inputs", 0), counts.get("regressed", 0))
            notes.setdefault(prompt["prompt"], []).append(note)
    return {commit: {name: tuple(list_) for name, list_ in notes.items()} for commit, notes in found.items()}


def _view(version: Version, replays: Sequence[ReplayNote]) -> VersionView:
    from promptctl.prompts.diff import diff

    pair = version.pair
    file = pair.new or pair.old
    readable = not version.problems
    return VersionView(
        commit=_commit(version.commit),
        prompt=pair.name,
        path=file.path if file else "",
        change=pair.change.value,
        old_name=pair.old_name,
        old_path=pair.old_path,
        parts=tuple(sorted(pair.parts)),
        diff=diff(version.old, version.new) if readable else None,
        problems=version.problems,
        replays=tuple(replays)[:1],
    )


def _commit(commit: Commit) -> CommitView:
    return CommitView(commit.oid, commit.date, commit.author, commit.subject)


def _line(line: BlamedLine) -> LineView:
    note = "" if line.commit else ("unknown" if line.committed else "not committed yet")
    return LineView(line.part, line.line, line.text, None if line.commit is None else _commit(line.commit), note)
