"""Assertions on one answer -> its Score."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from promptctl.errors import PromptctlError
from promptctl.inputs.case import MISSING
from promptctl.prompts.template import evaluate, evaluate_tree
from promptctl.scoring.assertion import Assertion
from promptctl.scoring.code import CodeRunner, Skipped, judged
from promptctl.scoring.result import AssertionResult, Context, Outcome, Score
from promptctl.scoring.structured import parsed
from promptctl.scoring.text import as_text

_ERROR_LIMIT = 500  # Characters.
_NO_CODE = "code is not allowed here: pass --allow-code"


def score(
    assertions: Sequence[Assertion],
    context: Context,
    *,
    code: CodeRunner | None = None,
    threshold: float | None = None,
) -> Score:
    """What the assertions say of one answer, in their order.

    The score is sum(score x weight) / sum(weight). With a `threshold` it alone decides; without one all must pass,
    except those of weight 0, which always do. Assertions that need an expectation which the case has not are left out;
    where none is left, nothing is said. `code` runs `python` assertions; None where no code may run.
    """
    scoring = _Scoring(context, code)
    results = scoring.all(assertions)
    if not results:
        return Score(None, None, ())
    passed, value = _combined(results, threshold)
    if threshold is not None:
        results = tuple(replace(result, graded=False) for result in results)  # there is a bar
    return Score(passed, value, results)


def _combined(results: Sequence[AssertionResult], threshold: float | None) -> tuple[bool, float]:
    weight = sum(result.weight for result in results)
    value = sum(result.score * result.weight for result in results) / weight if weight else 0.0
    passed = all(result.passed for result in results) if threshold is None else value >= threshold
    return passed, value


class _Scoring:
    """One answer being scored: the names that templates see are put together once."""

    __slots__ = ("code", "context", "values")

    def __init__(self, context: Context, code: CodeRunner | None) -> None:
        self.context = context
        self.code = code
        self.values: Mapping[str, Any] = context.vars
        if context.expected is not MISSING:
            self.values = {**context.vars, "expected": context.expected}

    def all(self, assertions: Sequence[Assertion]) -> tuple[AssertionResult, ...]:
        found = map(self._result, assertions)
        return tuple(result for result in found if result is not None)

    def _result(self, assertion: Assertion) -> AssertionResult | None:
        if assertion.needs_expected and "expected" not in self.values:
            return None
        try:
            if assertion.kind.members:
                return self._set(assertion)
            return _reported(assertion, self._outcome(assertion))
        except Skipped:
            return None
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a scorer is this assertion's error, never a crash
            return _failed(assertion, error)

    def _outcome(self, assertion: Assertion) -> Outcome:
        kind = assertion.kind
        threshold = self._threshold(assertion)
        value = assertion.value
        context = self.context if assertion.transform is None else self._transformed(assertion.transform)
        if kind.judge is None:
            if self.code is None:
                raise ValueError(_NO_CODE)
            return _turned(assertion, judged(self.code.run(value, context), threshold))
        if assertion.templated:
            value = kind.prepare(evaluate_tree(value, self.values))
        if assertion.negated and kind.opposite is not None:
            return kind.opposite(context, value, threshold)
        return _turned(assertion, kind.judge(context, value, threshold))

    def _transformed(self, template: str) -> Context:
        """The answer as the template makes it of `output`, and of `json` where the answer is JSON."""
        output = self.context.output
        values = {**self.values, "output": output}
        with contextlib.suppress(ValueError):
            values["json"] = parsed(output)
        found = evaluate(template, values)
        text = json.dumps(found, ensure_ascii=False) if isinstance(found, dict | list) else as_text(found)
        return replace(self.context, reply=replace(self.context.reply, text=text))

    def _threshold(self, assertion: Assertion) -> float | None:
        value: Any = assertion.threshold
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        found = evaluate(value, self.values)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 1e300:
            raise ValueError(f"the threshold {value} gives no number of at least 0.")
        return float(found)

    def _set(self, assertion: Assertion) -> AssertionResult | None:
        members = self.all(assertion.members)
        if not members:
            return None
        threshold = self._threshold(assertion)
        passed, value = _combined(members, threshold)
        graded = threshold is None and any(member.graded and member.weight for member in members)
        outcome = _turned(assertion, Outcome(passed, value, _set_reason(members, value, threshold), graded))
        return _reported(assertion, outcome, members)


def _set_reason(members: Sequence[AssertionResult], value: float, threshold: float | None) -> str:
    if threshold is not None:
        return f"score {value:.6g}, threshold {threshold:.6g}"
    failed = next((member for member in members if not member.passed), None)
    if failed is None:
        return f"all {len(members)} passed"
    return f"{failed.type}: {failed.error or failed.reason}"


def _turned(assertion: Assertion, outcome: Outcome) -> Outcome:
    """What `not-` makes of an outcome."""
    if not assertion.negated:
        return outcome
    passed = not outcome.passed
    reason = outcome.reason if passed else f"{outcome.reason} (it must not)"
    return Outcome(passed, 1.0 - outcome.score, reason, outcome.graded)


def _reported(
    assertion: Assertion, outcome: Outcome, members: tuple[AssertionResult, ...] | None = None
) -> AssertionResult:
    return AssertionResult(
        type=assertion.type,
        passed=outcome.passed or not assertion.weight,
        score=outcome.score,
        reason=outcome.reason,
        assertions=members,
        weight=assertion.weight,
        graded=outcome.graded,
    )


def _failed(assertion: Assertion, error: Exception) -> AssertionResult:
    said = _error_text(error)
    return AssertionResult(assertion.type, False, 0.0, said, error=said, weight=assertion.weight)


def _error_text(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the answer, or what it is compared with, is nested too deep."
    if isinstance(error, PromptctlError | ValueError):
        text = " ".join(str(error).split())
    else:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return text if len(text) <= _ERROR_LIMIT else f"{text[:_ERROR_LIMIT]}…"
