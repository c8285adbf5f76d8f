"""Recorded answers: out of the store, into it, and away."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from promptctl.cli.wiring.stored import stored
from promptctl.documents import suggestion
from promptctl.errors import NothingSelected, UserError
from promptctl.versions.git import Repository

if TYPE_CHECKING:
    from promptctl.models.call import Call, Reply

_BATCH = 500
MAX_LINE = 64 * 1024 * 1024  # characters of one answer with its request


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's lines. `problems` name the broken ones."""

    added: int
    known: int
    problems: tuple[str, ...]


def export_answers(target: TextIO) -> int:
    """Write every answer of the store, a line each; how many these were."""
    from promptctl.models.exchange import line_of

    count = 0
    with stored() as store:
        for kept in store.kept():
            target.write(
                line_of(kept.fingerprint, kept.request, kept.sample, kept.against, kept.scheme, kept.reply) + "\n"
            )
            count += 1
    return count


def import_answers(lines: Iterable[str], where: str) -> Imported:
    """Keep the answers of an export that the store has not; a broken line costs only itself."""
    problems: list[str] = []
    added = whole = 0
    with stored() as store:
        answers = _answers(lines, where, problems)
        while batch := list(itertools.islice(answers, _BATCH)):
            whole += len(batch)
            added += store.add_missing(batch)
    return Imported(added, whole - added, tuple(problems))


def _answers(lines: Iterable[str], where: str, problems: list[str]) -> "Iterator[tuple[Call, Reply]]":
    from promptctl.models.answer_json import BrokenAnswerError
    from promptctl.models.exchange import answer_in

    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield answer_in(line)
        except BrokenAnswerError as error:
            problems.append(f"{where}: line {number}: {error}. The line is not used.")


def prune_answers(
    *, before: float | None, model: str | None, superseded: bool, max_bytes: int | None, dry_run: bool
) -> int:
    """Let the answers go that all of these mean; how many these were, or would be. Raises NothingSelected.

    With `max_bytes` these are the oldest ones beyond that size of the store.
    """
    from promptctl.store import Unwanted

    with stored() as store:
        if model is not None and model not in (known := store.models()):
            raise NothingSelected(f"no answer of '{model}' is kept.", hint=suggestion(model, known))
        through = None if max_bytes is None else store.beyond(max_bytes)
        if max_bytes is not None and through is None:
            return 0
        unwanted = Unwanted(before, model, superseded, through)
        return store.count_unwanted(unwanted) if dry_run else store.remove_unwanted(unwanted)


def prune_recordings(keep: Sequence[str], *, dry_run: bool) -> dict[str, int]:
    """Drop the recorded answers of the working tree that no replay uses -> how many, by file.

    In use is what a replay takes: of HEAD against the working tree, of where this branch left its remote's default
    branch, and those of `keep` (A..B). Raises what such a replay raises: nothing is dropped then.
    """
    from promptctl.cli.wiring.replaying import answers_used
    from promptctl.workflows import recorded
    from promptctl.workflows.request import Mode, ReplayRequest

    with Repository.open(Path.cwd()) as repo:
        used: dict[str, set[str]] = {}
        for revisions in (*_compared(repo), *((one,) for one in keep)):
            request = ReplayRequest(revisions, ask_all=True, record=True, mode=Mode.FROZEN)
            for path, fingerprints in answers_used(repo, request).items():
                used.setdefault(path, set()).update(fingerprints)
        found = {path: recorded.keep_only(repo.root, path, known, dry_run=dry_run) for path, known in used.items()}
    return {path: count for path, count in found.items() if count}


def _compared(repo: Repository) -> list[tuple[str, ...]]:
    """The comparisons that are always kept."""
    found: list[tuple[str, ...]] = [()]
    with suppress(UserError):  # no remote, or nothing in common with it
        found.append((repo.merge_base("refs/remotes/origin/HEAD", "HEAD"),))
    return found
