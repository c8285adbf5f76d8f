"""NAME.recordings.jsonl: recorded answers that are checked in, one a line, each with its receipt."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from promptctl.errors import Problem
from promptctl.models.answer_json import BrokenAnswerError, object_in, reply_from_json, reply_to_json
from promptctl.models.call import SCHEME, Call, Origin, Reply

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who asked, as git names them, and with which promptctl; the answer itself says when, and which model."""

    by: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded answer. `model` is the one that was asked; the fingerprint alone decides what it answers."""

    fingerprint: str
    reply: Reply
    model: str | None = None
    sample: int = 0
    against: str | None = None
    scheme: int = SCHEME
    receipt: Receipt = Receipt()


@dataclass(frozen=True, slots=True)
class Recordings:
    """The whole lines of a file by fingerprint, and what is wrong with the others.

    `others` are answers to calls that have a later one: they answer nothing, and are kept.
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    others: tuple[Record, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def answers(self) -> dict[str, Reply]:
        """Fingerprint -> answer, as the client takes them."""
        return {fingerprint: record.reply for fingerprint, record in self.records.items()}


def record(call: Call, reply: Reply, receipt: Receipt = Receipt()) -> Record:
    """What is recorded of an answer: never a key, a header or the request itself."""
    return Record(call.fingerprint, reply, call.model, call.sample, call.against, receipt=receipt)


def parse(text: str, where: str) -> Recordings:
    """Every whole line counts; a broken one is named and costs only itself.

    Of two answers to one call (a merge of two branches, say) the one created later counts; both are kept.
    """
    records: dict[str, Record] = {}
    others: list[Record] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = _record(line)
        except BrokenAnswerError as error:
            problems.append(Problem(where, f"is no recorded answer: {error}.", number, "The line is not used."))
            continue
        known = records.get(found.fingerprint)
        if known is not None and known.reply != found.reply:
            message = f"a second answer to {found.fingerprint[:12]}; the one created later counts, both are kept."
            problems.append(Problem(where, message, number))
            others.append(min(known, found, key=lambda one: one.reply.created))
        if known is None or found.reply.created >= known.reply.created:
            records[found.fingerprint] = found
    return Recordings(records, tuple(others), tuple(problems))


def merge(old: Mapping[str, Record], new: Iterable[Record]) -> dict[str, Record]:
    """What the file holds after a run: its own records, those of the run in their place where both have one.

    An answer that the file holds already keeps its receipt: whoever replays it has not asked for it.
    """
    fresh = {one.fingerprint: one for one in new}
    same = {key: known for key, known in old.items() if key in fresh and _is_same(known.reply, fresh[key].reply)}
    return {**old, **fresh, **same}


def _is_same(one: Reply, other: Reply) -> bool:
    return reply_to_json(one) == reply_to_json(other)


def dump(records: Iterable[Record]) -> str:
    """Sorted, one answer a line: equal records give equal bytes, and an answer that changed is a line that changed."""
    return "".join(_line(one) + "\n" for one in sorted(records, key=lambda one: (one.fingerprint, one.reply.created)))


def _line(one: Record) -> str:
    value: dict[str, Any] = {"answer": reply_to_json(one.reply), "fingerprint": one.fingerprint, "model": one.model}
    value |= {"sample": one.sample, "scheme": one.scheme}
    asked = {"by": one.receipt.by, "promptctl": one.receipt.version}
    if any(asked.values()):
        value["asked"] = {name: text for name, text in asked.items() if text is not None}
    if one.against is not None:
        value["against"] = one.against
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair has no UTF-8: it is written as an escape
        return json.dumps(value, sort_keys=True, allow_nan=False)
    return text


def _record(line: str) -> Record:
    value = object_in(line)
    model = value.get("model")
    if not isinstance(model, str | None):
        raise BrokenAnswerError("'model' is no text")
    return Record(
        fingerprint=_fingerprint(value, "fingerprint"),
        reply=reply_from_json(value.get("answer"), origin=Origin.RECORDING),
        model=model,
        sample=_count(value, "sample", 0),
        against=None if value.get("against") is None else _fingerprint(value, "against"),
        scheme=_count(value, "scheme", SCHEME),
        receipt=_receipt(value.get("asked")),
    )


def _receipt(value: Any) -> Receipt:
    if value is None:
        return Receipt()
    if not isinstance(value, Mapping) or not all(
        isinstance(value.get(name), str | None) for name in ("by", "promptctl")
    ):
        raise BrokenAnswerError("'asked' is no receipt")
    return Receipt(value.get("by"), value.get("promptctl"))


def _fingerprint(value: Mapping[str, Any], name: str) -> str:
    item = value.get(name)
    if isinstance(item, str) and _FINGERPRINT.fullmatch(item):
        return item
    raise BrokenAnswerError(f"'{name}' is no fingerprint (64 hexadecimal digits)")


def _count(value: Mapping[str, Any], name: str, default: int) -> int:
    item = value.get(name, default)
    if isinstance(item, bool) or not isinstance(item, int) or item < 0:
        raise BrokenAnswerError(f"'{name}' is no count")
    return item
