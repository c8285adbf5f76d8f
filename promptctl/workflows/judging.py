"""An answer and its case's assertions -> a score, with code only where it may run."""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from promptctl.errors import InvalidInputs, InvalidPrompt, Problem, PromptctlError
from promptctl.prompts.prompt import Prompt
from promptctl.scoring.assertion import Assertion
from promptctl.scoring.code import CodeError, CodeRunner
from promptctl.scoring.combine import score
from promptctl.scoring.registry import parse_all
from promptctl.scoring.result import Context, Score
from promptctl.scoring.script import Script, has_code, python_files
from promptctl.snapshot import Snapshot
from promptctl.workflows.plan import CaseRun, PromptRun


class OldCode(CodeRunner):
    """Runs the old side's code alone: what the new side brought or changed is refused."""

    def __init__(self, sources: Mapping[str, str], known: frozenset[Script]) -> None:
        super().__init__(sources)
        self.known = known

    def run(self, code: Script, context: Context) -> Any:
        """As CodeRunner.run; CodeError for code that the old side has not."""
        if code not in self.known:
            raise CodeError("the old side has no such code, and the new side's runs only with --allow-code.")
        return super().run(code, context)


class Scoring:
    """The scorers of one replay. `allow_new` is --allow-code, `allow_old` is `allow_code: true` in the settings."""

    def __init__(self, *, allow_new: bool, allow_old: bool) -> None:
        self.allow_new = allow_new
        self.allow_old = allow_old
        self._runners: dict[str, CodeRunner] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self._runners.values():
            runner.close()

    def score(self, prompt: PromptRun, run: CaseRun, context: Context) -> Score:
        """What the case's assertions say of one answer."""
        return score(run.assertions, context, code=self._runners.get(prompt.pair.name))

    def assertions(self, prompt: Prompt) -> tuple[Assertion, ...]:
        """A prompt's own assertions. Raises InvalidPrompt with all their mistakes."""
        return parse_all(prompt.assertions, prompt.path) if prompt.assertions else ()

    def case_assertions(self, specs: Sequence[Mapping[str, Any]], where: str) -> tuple[Assertion, ...]:
        """A case's own assertions, already checked with its file."""
        return parse_all(specs, where, error=InvalidInputs) if specs else ()

    def prepare(self, prompt: PromptRun, old: Snapshot, new: Snapshot) -> list[str]:
        """Decide whose code runs for this prompt; what the reader must know of it comes back."""
        specs = [*prompt.new.assertions, *(spec for run in prompt.cases for spec in run.case.assertions)]
        if not has_code(specs) or not (self.allow_new or self.allow_old):
            return []
        name = prompt.pair.name
        fresh = _texts(python_files(specs), prompt.new.path, new)
        if self.allow_new:
            self._runners[name] = CodeRunner(fresh)
            return []
        before = _old_specs(prompt, old)
        known = frozenset(_scripts(parse_all(before, "", error=InvalidInputs)))
        texts = {} if prompt.old is None else _texts(python_files(before), prompt.old.path, old)
        self._runners[name] = OldCode(texts, known)
        return [
            f"{path} differs: the old side's code ran. --allow-code runs the new side's."
            for path in sorted(fresh)
            if path in texts and texts[path] != fresh[path]
        ]


def _old_specs(prompt: PromptRun, old: Snapshot) -> list[Mapping[str, Any]]:
    """The old side's raw assertions, those of its inputs included. Inputs that cannot be read bring none."""
    from promptctl.inputs.files import read_cases

    if prompt.old is None:
        return []
    specs = list(prompt.old.assertions)
    try:
        inputs = old.inputs(prompt.old.name)
        for case in read_cases(*inputs) if inputs else ():
            specs += case.assertions
    except (InvalidInputs, InvalidPrompt):
        return specs
    return specs


def _scripts(assertions: Iterable[Assertion]) -> Iterable[Script]:
    for assertion in assertions:
        if isinstance(assertion.value, Script):
            yield assertion.value
        yield from _scripts(assertion.members)


def _texts(paths: Iterable[str], prompt_path: str, snapshot: Snapshot) -> dict[str, str]:
    """The files that assertions name, relative to the prompt's folder, as they stand at the snapshot's revision."""
    from promptctl.documents import decode

    found: dict[str, str] = {}
    for path in paths:
        whole = posixpath.normpath(posixpath.join(posixpath.dirname(prompt_path), path))
        if whole.startswith(("../", "/")):
            raise InvalidPrompt(Problem(prompt_path, f"file://{path} lies outside the repository."))
        try:
            found[path] = decode(snapshot.read(whole), whole)
        except (PromptctlError, OSError):
            continue  # Its absence is the assertion's error, case by case.
    return found
