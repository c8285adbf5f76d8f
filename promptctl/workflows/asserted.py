"""A prompt's assertions against its inputs: the variables that no input has, said before a call is paid for."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from promptctl.errors import Problem
from promptctl.inputs.case import MISSING, Case
from promptctl.prompts.prompt import Prompt
from promptctl.scoring.lookups import EXPECTED, lookups, met
from promptctl.workflows.cases import ChosenCases


def unknown_variables(prompt: Prompt, cases: ChosenCases) -> list[Problem]:
    """A problem for each variable that an assertion looks up, of the prompt's or of a case's, and no input has."""
    names = cases.index.names
    own = lookups(prompt.assertions, names)
    found: dict[str, Problem] = {}
    if not own and not cases.looked_up - names:
        return []
    for case in cases:
        if own.keys() - found.keys():
            for name in sorted(met(prompt.assertions, _values(case), own.keys() - found.keys())):
                found[name] = _problem(prompt.path, own[name], name, cases)
        for name, kind in sorted(_of_case(case, cases).items()):
            found.setdefault(name, _problem(cases.index.path, kind, name, cases, case.line))
    return list(found.values())


def _of_case(case: Case, cases: ChosenCases) -> dict[str, str]:
    wanted = lookups(case.assertions, cases.index.names) if case.assertions else {}
    hit = met(case.assertions, _values(case), wanted.keys()) if wanted else ()
    return {name: wanted[name] for name in hit}


def _values(case: Case) -> dict[str, Any]:
    return {**case.vars} if case.expected is MISSING else {**case.vars, "expected": case.expected}


def _problem(path: str, kind: str, name: str, cases: ChosenCases, line: int | None = None) -> Problem:
    known: Sequence[str] = sorted(cases.index.names | EXPECTED)
    close = get_close_matches(name, known, 1)
    hint = f"Did you mean '{close[0]}'?" if close else f"Assertions see: {', '.join(known[:8])}."
    return Problem(path, f"the assertion {kind}: no input has the variable '{name}'.", line, hint)
