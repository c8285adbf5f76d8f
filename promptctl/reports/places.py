"""Where in a prompt's file a finding belongs: what points at code reads its lines here."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from promptctl.reports.findings import broken, each_of_status, failed_assertions, side_error
from promptctl.reports.phrases import gate_line
from promptctl.reports.safe import one_line, shortened
from promptctl.reports.view import CaseView, PromptView

_REASON = 600
_ANSWER = 200


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of a file, from 1, inclusive."""

    path: str
    first: int = 1
    last: int = 1


def region(prompt: PromptView) -> Region | None:
    """The first stretch of changed lines of the prompt's file; its first line where the edit lies elsewhere."""
    edit = prompt.edit
    if edit is None or not edit.path:
        return None
    first, last = edit.ranges[0] if edit.ranges else (1, 1)
    return Region(edit.path, max(1, first), max(1, first, last))


def verdict_said(prompt: PromptView) -> str:
    """The verdict of a prompt in a few sentences, on one line."""
    gates = [gate_line(gate) for gate in prompt.gates if not gate.ok]
    said = [shortened(one_line(sentence), _REASON).rstrip(".") for sentence in (*prompt.reasons[:3], *gates)]
    return f"{'; '.join(said)}." if said else prompt.verdict


def told(prompt: PromptView, limit: int) -> Iterator[CaseView]:
    """The cases worth pointing at: broken ones, the confirmed first, then those without a result; at most `limit`."""
    yield from islice(chain(broken(prompt, limit), each_of_status(prompt, "error")), limit)


def case_said(case: CaseView) -> str:
    """What became of a case and why, on one line: `expected 'billing', got 'technical'; old 'billing'`."""
    if case.status == "error":
        return shortened(side_error(case.new) or side_error(case.old) or "no result", _REASON)
    failed = failed_assertions(case.new)
    why = "; ".join(f"{one.type}: {shortened(one.reason, _REASON)}" for one in failed[:3])
    why = why or side_error(case.new) or "its samples fail more often than they pass"
    old = "" if case.old is None or case.old.output is None else shortened(one_line(case.old.output[:999]), _ANSWER)
    return f"{why}. The old answer: {old}" if old else why
