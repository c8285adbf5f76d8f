"""The cases of a report -> the JSON that the page's script reads, small enough to open, and inert in its element."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import fresh_line
from promptctl.reports.phrases import standing, value_text
from promptctl.reports.safe import one_line, printable, shortened
from promptctl.reports.view import AssertionView, CaseView, PromptView, ReplayReport, SideView

STATUSES = ("regressed", "error", "flaky", "improved", "fail", "unscored", "pass", "unaffected")
MOST = 20_000  # cases of a page; what broke comes first
BUDGET = 10_000_000  # characters of all answers, inputs and reasons
_CAPS = (20_000, 8_000, 4_000, 2_000, 1_000, 500, 250, 120, 60)  # characters of one text
_FAVOUR = 4  # broken cases may be so many times longer
_BROKEN = frozenset({"regressed", "error"})
_LISTED = 20  # variables, tags and assertions of a case
# What would end the element, begin a comment in it, or be acted on in an editor.
_LIVE = re.compile("[<>&\x7f-\x9f\u2028\u2029]")
_AT_ONCE = 200


@dataclass(slots=True)
class _Strings:
    """Texts that repeat from case to case, by number."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a report stands on the page: how many cases of each status, and how long a text may be."""

    room: Mapping[str, int]
    cap: int
    left_out: int

    @classmethod
    def of(cls, report: ReplayReport) -> "Shown":
        """Read through all cases once."""
        counts = dict.fromkeys(STATUSES, 0)
        sizes = dict.fromkeys(_CAPS, 0)
        for prompt in report.prompts:
            for case in prompt.cases:
                counts[case.status] = counts.get(case.status, 0) + 1
                lengths = list(_lengths(case))
                for cap in _CAPS:
                    most = cap * _FAVOUR if case.status in _BROKEN else cap
                    sizes[cap] += sum(min(length, most) for length in lengths)
        room, left = {}, MOST
        for status, count in counts.items():
            room[status] = min(count, left)
            left -= room[status]
        share = min(1.0, MOST / max(1, sum(counts.values())))
        cap = next((cap for cap in _CAPS if sizes[cap] * share <= BUDGET), _CAPS[-1])
        return cls(room, cap, sum(counts.values()) - sum(room.values()))


def _lengths(case: CaseView) -> Iterator[int]:
    for side in (case.old, case.new):
        if side is not None:
            yield len(side.output or "")
            yield from (len(one.reason) + len(one.error or "") for one in side.assertions)
    yield from (len(value) if isinstance(value, str) else 40 for value in case.vars.values())
    yield len(case.expected) if isinstance(case.expected, str) else 40


def data_json(report: ReplayReport, shown: Shown) -> Iterator[str]:
    """The document in pieces. A case is a list, its places as `app.js` names them."""
    strings = _Strings()
    rows = _rows(report, shown, strings)
    yield '{"cases":['
    first = True
    while part := list(islice(rows, _AT_ONCE)):
        yield ("" if first else ",\n") + _written(part)[1:-1]
        first = False
    rest = {
        "strings": list(strings.numbers),
        "statuses": STATUSES,
        "prompts": [one_line(prompt.prompt) for prompt in report.prompts],
        "run": one_line(report.run),
    }
    yield f"],\n{_written(rest)[1:]}"


def _rows(report: ReplayReport, shown: Shown, strings: _Strings) -> Iterator[list[Any]]:
    room = dict(shown.room)
    for place, prompt in enumerate(report.prompts):
        for case in prompt.cases:
            if room.get(case.status, 0) <= 0:
                continue
            room[case.status] -= 1
            yield _case(place, prompt, case, shown.cap * (_FAVOUR if case.status in _BROKEN else 1), strings)


def _case(place: int, prompt: PromptView, case: CaseView, cap: int, strings: _Strings) -> list[Any]:
    became = standing(case) if case.status in {"regressed", "unscored"} or prompt.old is None else case.status
    said = ", ".join(filter(None, (became, fresh_line(case))))
    expected = None if case.expected is MISSING or case.expected is None else _cut(value_text(case.expected), cap)
    new = _side(case.new, cap, strings)
    old = _side(case.old, cap, strings)
    if old is not None and new is not None and old[0] is not None and old[0] == new[0]:
        new[0] = 0  # the same answer, once
    return [
        place,
        shortened(one_line(case.id), 300),
        STATUSES.index(case.status) if case.status in STATUSES else len(STATUSES) - 1,
        int(case.confirmed) + 2 * int(case.changed),
        strings.number(said),
        [strings.number(shortened(one_line(tag), 80)) for tag in case.tags[:_LISTED]],
        [[strings.number(shortened(one_line(name), 80)), _cut(value_text(value), cap)] for name, value in _vars(case)],
        expected,
        old,
        new,
    ]


def _vars(case: CaseView) -> list[tuple[str, Any]]:
    return [(str(name), value) for name, value in islice(case.vars.items(), _LISTED)]


def _side(side: SideView | None, cap: int, strings: _Strings) -> list[Any] | None:
    if side is None:
        return None
    tokens = side.tokens
    return [
        None if side.output is None else _cut(side.output, cap),
        None if side.passed is None else int(side.passed),
        _rounded(side.score),
        side.samples,
        strings.number(side.origin or ""),
        strings.number(shortened(one_line(side.model or ""), 120)),
        side.cost_usd,
        _rounded(side.latency_ms, 1),
        tokens.input,
        tokens.output,
        tokens.reasoning,
        tokens.cached,
        strings.number(_cut(one_line(side.error or ""), min(cap, 2_000))),
        [_assertion(one, cap, strings) for one in side.assertions[:_LISTED]],
    ]


def _assertion(one: AssertionView, cap: int, strings: _Strings) -> list[Any]:
    members = [_assertion(member, cap, strings) for member in (one.assertions or ())[:_LISTED]]
    said = one_line(one.error or one.reason)
    return [
        strings.number(shortened(one_line(one.type), 80)),
        2 if one.error is not None else int(one.passed),
        _rounded(one.score),
        strings.number(_cut(said, min(cap, 2_000))),
        members,
    ]


def _rounded(number: float | None, digits: int = 3) -> float | None:
    return None if number is None else round(number, digits)


def _cut(text: str, cap: int) -> str:
    shown = printable(text[:cap])
    return shown if len(text) <= cap else f"{shown} … ({len(text):,} characters in all)"


def _written(value: Any) -> str:
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))
    return _LIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return {key: _finite(item) for key, item in value.items()} if isinstance(value, dict) else value
