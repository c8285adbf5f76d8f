"""The stored inputs of a prompt -> what lint may know of them: which fail, which names they give, the longest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from promptctl.inputs.case import MISSING, Case
from promptctl.prompts.analysis import refusals
from promptctl.prompts.lint.facts import CaseFailure, InputFacts
from promptctl.prompts.lint.finding import Finding, Place
from promptctl.prompts.prompt import Prompt, RenderedMessage
from promptctl.workflows.lint_facts import asserted, uses_code

_NAMED = 10  # inputs that fail, each a finding; the rest is counted
_SAMPLED = 50  # values of a variable, from which its kind is told
_PROSE = 6  # words, in the median, from which different values are free text
_ALONE = 12  # words, where there is one value only


@dataclass(frozen=True, slots=True)
class KnownInputs:
    """The facts, whether the inputs' own assertions run code, and findings that concern no single input."""

    facts: InputFacts
    code: bool
    findings: tuple[Finding, ...] = ()


def input_facts(prompt: Prompt, path: str, data: bytes) -> KnownInputs:
    """Read and render all inputs once. Raises InvalidInputs with every mistake of the file."""
    from promptctl.inputs.files import check_cases, read_cases
    from promptctl.prompts.template import Renderer, RenderError
    from promptctl.scoring.registry import assertion_problems

    index = check_cases(path, data, check_assertions=assertion_problems)
    seen = _Seen(path)
    renderer: Renderer | None = None
    broken: tuple[Finding, ...] = ()
    try:
        renderer = Renderer(prompt)
    except RenderError as error:
        # What a template asks for in vain is told where the template is looked at.
        message = f"it cannot be rendered: {error.reason.rstrip('.')}."
        broken = () if refusals(prompt) else (Finding("PL106", Place(prompt.path, 1), message, "Mend it."),)
    for case in read_cases(path, data):
        seen.note(case)
        if renderer is None:
            continue
        try:
            seen.rendered(case, renderer.render(case.vars))
        except RenderError as error:
            seen.fails(CaseFailure(case.id, case.line, error.reason, error.variable))
    return KnownInputs(seen.facts(index.count, index.common), seen.code, broken)


@dataclass(slots=True)
class _Seen:
    path: str
    lines: dict[str, int | None] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    asserted: set[str] = field(default_factory=set)
    code: bool = False
    expected: bool = False
    failures: list[CaseFailure] = field(default_factory=list)
    failed: int = 0
    longest: tuple[RenderedMessage, ...] = ()
    longest_id: str | None = None
    length: int = -1

    def note(self, case: Case) -> None:
        for name, value in case.vars.items():
            self.lines.setdefault(name, case.line)
            known = self.values.setdefault(name, [])
            if isinstance(value, str) and len(known) < _SAMPLED:
                known.append(value)
        self.expected = self.expected or case.expected is not MISSING
        if case.assertions:
            self.asserted |= asserted(case.assertions)
            self.code = self.code or uses_code(case.assertions)

    def rendered(self, case: Case, messages: tuple[RenderedMessage, ...]) -> None:
        length = sum(_length(message.content) for message in messages)
        if length > self.length:
            self.longest, self.longest_id, self.length = messages, case.id, length

    def fails(self, failure: CaseFailure) -> None:
        self.failed += 1
        if len(self.failures) < _NAMED:
            self.failures.append(failure)

    def facts(self, count: int, common: frozenset[str]) -> InputFacts:
        return InputFacts(
            path=self.path,
            count=count,
            lines=self.lines,
            common=common,
            asserted=frozenset(self.asserted),
            prose=frozenset(name for name, values in self.values.items() if _is_prose(values)),
            expected=self.expected,
            failures=tuple(self.failures),
            failed=self.failed,
            longest=self.longest,
            longest_id=self.longest_id,
        )


def _length(content: str | Any) -> int:
    if isinstance(content, str):
        return len(content)
    return sum(len(text) for text in _texts(content))


def _texts(parts: Any) -> Iterator[str]:
    return (part["text"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("text"), str))


def _is_prose(values: list[str]) -> bool:
    """Texts that differ and have several words each: no labels, names or dates."""
    words = [len(value.split()) for value in values]
    if len(set(values)) < 2:
        return len(values) == 1 and words[0] >= _ALONE
    return median(words) >= _PROSE
