"""ReplayReport -> what people want to see first: broken cases, errors by reason, failed assertions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from promptctl.reports.safe import one_line
from promptctl.reports.view import AssertionView, CaseView, PromptView, SideView, StoredCases

_NAMED = 30  # cases of an error
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Cases that could not be asked or scored for one reason: `count` of them, of which `ids` names the first 30.

    `sides` is old, new or both.
    """

    reason: str
    sides: str
    ids: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class FailedAssertion:
    """An assertion that failed; `type` names the sets around it, outermost first."""

    type: str
    reason: str


def broken(prompt: PromptView, limit: int | None = None) -> tuple[CaseView, ...]:
    """Regressed cases, the confirmed first; of an added prompt the failing ones. At most `limit` of them."""
    confirmed = (case for case in each_of_status(prompt, "regressed") if case.confirmed)
    others = (case for case in each_of_status(prompt, "regressed") if not case.confirmed)
    found = tuple(islice(chain(confirmed, others), limit))
    return of_status(prompt, "fail", limit) if not found and prompt.old is None else found


def broken_count(prompt: PromptView) -> int:
    """How many these are."""
    regressed = count_of(prompt, "regressed")
    return count_of(prompt, "fail") if not regressed and prompt.old is None else regressed


def answers_changed(prompt: PromptView, limit: int | None = None) -> tuple[CaseView, ...]:
    """Cases on which nothing asserts and whose answer changed: all that can be shown of them. At most `limit`."""
    return tuple(islice(_answers_changed(prompt), limit))


def answers_changed_count(prompt: PromptView) -> int:
    """How many these are."""
    return sum(1 for _ in _answers_changed(prompt))


def _answers_changed(prompt: PromptView) -> Iterator[CaseView]:
    return (case for case in each_of_status(prompt, "unscored") if case.changed)


def of_status(prompt: PromptView, status: str, limit: int | None = None) -> tuple[CaseView, ...]:
    """The cases of one status, at most `limit`."""
    return tuple(islice(each_of_status(prompt, status), limit))


def each_of_status(prompt: PromptView, status: str) -> Iterator[CaseView]:
    """The cases of one status, one after the other."""
    if isinstance(prompt.cases, StoredCases):
        # The store need not be read to its end for the last one, nor at all for none.
        count = prompt.counts.get(status)
        return iter(()) if count == 0 else islice(prompt.cases.of_status(status), count)
    return (case for case in prompt.cases if case.status == status)


def count_of(prompt: PromptView, status: str) -> int:
    """How many cases have that status."""
    if isinstance(prompt.cases, StoredCases):
        return prompt.counts.get(status, 0)
    return sum(1 for case in prompt.cases if case.status == status)


def error_groups(prompt: PromptView) -> tuple[ErrorGroup, ...]:
    """Errors by reason, the most frequent first. Reasons that differ in a number alone (`retry in 3.2 s`) are one."""
    groups: dict[tuple[str, str], ErrorGroup] = {}
    for case in each_of_status(prompt, "error"):
        reason, sides = _error_of(case)
        key = _NUMBERS.sub("#", reason), sides
        group = groups.get(key) or ErrorGroup(reason, sides, (), 0)
        ids = (*group.ids, case.id) if group.count < _NAMED else group.ids
        groups[key] = replace(group, ids=ids, count=group.count + 1)
    return tuple(sorted(groups.values(), key=lambda group: -group.count))


def _error_of(case: CaseView) -> tuple[str, str]:
    old, new = side_error(case.old), side_error(case.new)
    if old and new:
        return (
            (old, "both sides") if _NUMBERS.sub("#", old) == _NUMBERS.sub("#", new) else (f"{old}; {new}", "both sides")
        )
    if new:
        return new, "new"
    return (old, "old") if old else ("no reason was given", "")


def side_error(side: SideView | None) -> str:
    """Why a side has no answer or no score, on one line; empty where it has both."""
    if side is None:
        return ""
    if side.error:
        return one_line(side.error)
    erred = next(_erred(side.assertions), None)
    return "" if erred is None else one_line(f"{erred.type}: {erred.error}")


def failed_assertions(side: SideView | None) -> tuple[FailedAssertion, ...]:
    """Which assertions failed and why, in order; a set is told by its failed members, where it has any."""
    return () if side is None else tuple(_failed(side.assertions, ""))


def _failed(assertions: Iterable[AssertionView], around: str) -> Iterator[FailedAssertion]:
    for assertion in assertions:
        if assertion.passed:
            continue
        name = f"{around}{one_line(assertion.type)}"
        members = tuple(_failed(assertion.assertions or (), f"{name} › "))
        if members:
            yield from members
        else:
            yield FailedAssertion(name, one_line(assertion.error or assertion.reason))


def _erred(assertions: Iterable[AssertionView]) -> Iterator[AssertionView]:
    for assertion in assertions:
        if assertion.error is not None:
            yield assertion
        yield from _erred(assertion.assertions or ())


def fresh_line(case: CaseView) -> str:
    """`fresh samples: new passed 0 of 7, old 7 of 7`; empty where nobody asked again."""
    old, new = case.old, case.new
    if new is None or not new.fresh_samples:
        return ""
    if new.fresh_score is not None:
        said = f"new scored {new.fresh_score:.2f} in {new.fresh_samples}"
        return said if old is None or old.fresh_score is None else f"{said}, old {old.fresh_score:.2f}"
    said = f"new passed {new.fresh_passes} of {new.fresh_samples}"
    return said if old is None or not old.fresh_samples else f"{said}, old {old.fresh_passes} of {old.fresh_samples}"
