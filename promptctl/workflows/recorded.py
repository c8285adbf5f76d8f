"""Recordings of both sides -> answers; a replay's answers -> recordings beside their prompts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.errors import CouldNotFindOut, Problem
from promptctl.models.call import Call, Reply
from promptctl.models.recordings import Record, dump, merge, parse, record
from promptctl.snapshot import PromptFile, PromptPair, Snapshot


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


def write(root: Path, prompt_path: str, used: Iterable[tuple[Call, Reply]]) -> tuple[str, int]:
    """Write NAME.recordings.jsonl in the working tree, beside what it holds already -> its path and how many it holds.

    Raises CouldNotFindOut where it cannot be written.
    """
    path = Path(prompt_path).with_suffix(".recordings.jsonl")
    target = root / path
    known: Mapping[str, Record] = {}
    fresh = [record(call, reply) for call, reply in used]
    try:
        if target.is_file() and not target.is_symlink():
            known = parse(target.read_text("utf-8"), path.as_posix()).records
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = merge(known, fresh)
        partial = target.with_suffix(".jsonl.new")
        partial.write_text(dump(whole.values()), encoding="utf-8", newline="\n")
        partial.replace(target)
    except OSError as error:
        raise CouldNotFindOut(f"{path.as_posix()}: cannot be written: {error.strerror or error}.") from error
    return path.as_posix(), len(whole)
