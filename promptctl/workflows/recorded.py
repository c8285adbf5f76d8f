"""Recordings of both sides -> answers; a replay's answers -> recordings beside their prompts."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from promptctl.errors import CouldNotFindOut, Problem
from promptctl.models.call import Call, Reply
from promptctl.models.recordings import Receipt, Recordings, dump, merge, parse, record
from promptctl.snapshot import PromptFile, PromptPair, Snapshot, recordings_beside


@dataclass(frozen=True, slots=True)
class Recorded:
    """Recorded answers by fingerprint. `brought` are those that the new side alone has: they can be forged."""

    answers: Mapping[str, Reply]
    brought: frozenset[str]
    problems: tuple[Problem, ...] = ()


def gather(pairs: Sequence[PromptPair], old: Snapshot, new: Snapshot) -> Recorded:
    """The recordings of both sides together. Where both know an answer, the old side's counts."""
    before, problems = _answers([(pair.old, old) for pair in pairs])
    after, more = _answers([(pair.new, new) for pair in pairs])
    brought = frozenset(fingerprint for fingerprint, reply in after.items() if before.get(fingerprint) != reply)
    return Recorded({**after, **before}, brought - before.keys(), (*problems, *more))


def _answers(files: Sequence[tuple[PromptFile | None, Snapshot]]) -> tuple[dict[str, Reply], list[Problem]]:
    answers: dict[str, Reply] = {}
    problems: list[Problem] = []
    for file, snapshot in files:
        text = None if file is None else snapshot.recordings(file.name)
        if file is None or text is None:
            continue
        where = file.recordings.path if file.recordings is not None else file.path
        recordings = parse(text, where)
        answers.update(recordings.answers)
        problems += [problem for problem in recordings.problems if problem not in problems]
    return answers, problems


def write(root: Path, file: PromptFile, used: Iterable[tuple[Call, Reply]], receipt: Receipt) -> tuple[str, int]:
    """Write NAME.recordings.jsonl in the working tree, beside what it holds already -> its path and how many it holds.

    Raises CouldNotFindOut where it cannot be written.
    """
    path = recordings_beside(file.stem)
    known = read(root, path)
    whole = merge(known.records, [record(call, reply, receipt) for call, reply in used])
    _replace(root / path, path, dump([*whole.values(), *known.others]))
    return path, len(whole)


def read(root: Path, path: str) -> Recordings:
    """A file of recordings in the working tree; empty where there is none."""
    target = root / path
    try:
        if target.is_file() and not target.is_symlink():
            return parse(target.read_text("utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotFindOut(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'no UTF-8'}.") from error
    return Recordings()


def keep_only(root: Path, path: str, used: AbstractSet[str], *, dry_run: bool) -> int:
    """Drop the recorded answers that are not `used` (fingerprints) -> how many go, or would. Broken lines go too."""
    known = read(root, path)
    kept = [one for one in (*known.records.values(), *known.others) if one.fingerprint in used]
    gone = len(known.records) + len(known.others) - len(kept)
    if gone and not dry_run and kept:
        _replace(root / path, path, dump(kept))
    elif gone and not dry_run:
        (root / path).unlink()
    return gone


def _replace(target: Path, path: str, text: str) -> None:
    """Write a file whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".jsonl.new")
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(target)
    except OSError as error:
        raise CouldNotFindOut(f"{path}: cannot be written: {error.strerror or error}.") from error
