"""ReplayReport -> what people want to see first: broken cases, errors by reason, failed assertions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from promptctl.reports.safe import one_line
from promptctl.reports.view import AssertionView, CaseView, PromptView, SideView

_NUMBERS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Cases that could not be asked or scored for one reason. `sides` is old, new or both."""

    reason: str
    sides: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedAssertion:
    """An assertion that failed; `type` names the sets around it, outermost first."""

    type: str
    reason: str


def broken(prompt: PromptView) -> tuple[CaseView, ...]:
    """Regressed cases, the confirmed first; of an added prompt the failing ones."""
    regressed = sorted(of_status(prompt, "regressed"), key=lambda case: not case.confirmed)
    if regressed:
        return tuple(regressed)
    if prompt.old is None:
        return of_status(prompt, "fail")
    return ()


def answers_changed(prompt: PromptView) -> tuple[CaseView, ...]:
    """Cases on which nothing asserts and whose answer changed: all that can be shown of them."""
    return tuple(case for case in of_status(prompt, "unscored") if case.changed)


def of_status(prompt: PromptView, status: str) -> tuple[CaseView, ...]:
    return tuple(case for case in prompt.cases if case.status == status)


def error_groups(prompt: PromptView) -> tuple[ErrorGroup, ...]:
    """Errors by reason, the most frequent first. Reasons that differ in a number alone (`retry in 3.2 s`) are one."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for case in of_status(prompt, "error"):
        reason, sides = _error_of(case)
        groups.setdefault((_NUMBERS.sub("#", reason), sides), []).append((reason, case.id))
    found = [
        ErrorGroup(members[0][0], sides, tuple(case_id for _, case_id in members))
        for (_, sides), members in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -len(group.ids)))


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
    said = f"new passed {new.fresh_passes} of {new.fresh_samples}"
    return said if old is None or not old.fresh_samples else f"{said}, old {old.fresh_passes} of {old.fresh_samples}"
