"""Assertions on one answer -> its Score."""

import contextlib
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from promptctl.errors import PromptctlError
from promptctl.inputs.case import MISSING
from promptctl.models.call import Reply
from promptctl.prompts.template import evaluate, evaluate_tree
from promptctl.scoring.ask import Ask, Heard
from promptctl.scoring.assertion import Assertion
from promptctl.scoring.code import CodeRunner, judged
from promptctl.scoring.result import AssertionResult, Context, Outcome, Score, Skipped
from promptctl.scoring.script import Script
from promptctl.scoring.structured import parsed
from promptctl.scoring.talk import Talk
from promptctl.scoring.text import Unusable, as_text

_ERROR_LIMIT = 500  # Characters.
_NO_CODE = "code is not allowed here: pass --allow-code"
_NO_JUDGE = "it needs a model to be asked, which cannot be done here."


def score(
    assertions: Sequence[Assertion],
    context: Context,
    *,
    code: CodeRunner | None = None,
    plugins: CodeRunner | None = None,
    threshold: float | None = None,
) -> Score:
    """What the assertions say of one answer, in their order.

    The score is sum(score x weight) / sum(weight). With a `threshold` it alone decides; without one all must pass,
    except those of weight 0, which always do. Assertions that need an expectation which the case has not are left out;
    where none is left, nothing is said. `code` runs `python` assertions; None where no code may run. `plugins`
    runs what is installed.
    """
    return _Scoring(context, code, plugins).score(assertions, threshold)


def scoring(
    assertions: Sequence[Assertion],
    context: Context,
    *,
    code: CodeRunner | None = None,
    plugins: CodeRunner | None = None,
    threshold: float | None = None,
) -> Generator[Sequence[Ask], Sequence[Heard], Score]:
    """As `score`, for assertions that a model judges too: each yield asks questions, and receives what was heard."""
    scorer = _Scoring(context, code, plugins)
    yield from scorer.hear(assertions)
    return scorer.score(assertions, threshold)


def is_asking(assertions: Sequence[Assertion]) -> bool:
    """Whether any of them needs a model, or the other side's answer: `scoring` scores those."""
    return any(one.kind.asks is not None or one.kind.ranks is not None for one in flat(assertions))


def flat(assertions: Sequence[Assertion]) -> Iterator[Assertion]:
    """All of them, the members of sets included."""
    for assertion in assertions:
        yield assertion
        if assertion.members:
            yield from flat(assertion.members)


def _combined(results: Sequence[AssertionResult], threshold: float | None) -> tuple[bool, float]:
    weight = sum(result.weight for result in results)
    value = sum(result.score * result.weight for result in results) / weight if weight else 0.0
    passed = all(result.passed for result in results) if threshold is None else value >= threshold
    return passed, value


class _Scoring:
    """One answer being scored: the names that templates see are put together once."""

    __slots__ = ("code", "context", "heard", "plugins", "values")

    def __init__(self, context: Context, code: CodeRunner | None, plugins: CodeRunner | None) -> None:
        self.context = context
        self.code = code
        self.heard: dict[int, Outcome | Exception] = {}  # by the identity of the assertion
        self.plugins = plugins
        self.values: Mapping[str, Any] = context.vars
        if context.expected is not MISSING:
            self.values = {**context.vars, "expected": context.expected}

    def score(self, assertions: Sequence[Assertion], threshold: float | None) -> Score:
        results = self.all(assertions)
        deciding = [result for result in results if not result.advisory]
        if not deciding:
            return Score(None, None, results)
        passed, value = _combined(deciding, threshold)
        if threshold is not None:
            results = tuple(replace(result, graded=False) for result in results)  # there is a bar
        return Score(passed, value, results)

    def hear(self, assertions: Sequence[Assertion]) -> Generator[Sequence[Ask], Sequence[Heard], None]:
        """Ask whatever has to be asked, of all assertions at once, until each has its outcome."""
        talks = [(id(one), self._talk(one)) for one in flat(assertions) if one.kind.asks is not None]
        while waiting := [talk for _, talk in talks if talk.asks]:
            heard = iter((yield [ask for talk in waiting for ask in talk.asks]))
            for talk in waiting:
                talk.hear([next(heard) for _ in talk.asks])
        self.heard.update((key, talk.found) for key, talk in talks)
        yield from self._rank(assertions)

    def _talk(self, assertion: Assertion) -> Talk:
        if assertion.needs_expected and "expected" not in self.values:
            return Talk(None, {})
        try:
            return Talk(assertion.kind.asks, assertion.options, self._given(assertion))
        except Exception as error:  # noqa: BLE001 - as in _result
            return Talk(None, {}, found=error)

    def _rank(self, assertions: Sequence[Assertion]) -> Generator[Sequence[Ask], Sequence[Heard], None]:
        """The assertions that compare the scores of the others on this answer and on the other side's."""
        ranking = [one for one in flat(assertions) if one.kind.ranks is not None]
        if not ranking or self.context.other is None:
            self.heard.update((id(one), Skipped()) for one in ranking)
            return
        others = [one for one in assertions if not any(member.kind.compares for member in flat((one,)))]
        there = replace(self.context, reply=self.context.other, other=self.context.reply)
        theirs = _Scoring(there, self.code, self.plugins)
        yield from theirs.hear(others)
        results = [result for result in self.all(others) if not result.advisory]
        their_results = [result for result in theirs.all(others) if not result.advisory]
        for one in ranking:
            try:
                _, value, _ = self._given(one)
                self.heard[id(one)] = _ranked(one, value, results, their_results)
            except Exception as error:  # noqa: BLE001 - as in _result
                self.heard[id(one)] = error

    def all(self, assertions: Sequence[Assertion]) -> tuple[AssertionResult, ...]:
        found = map(self._result, assertions)
        return tuple(result for result in found if result is not None)

    def _result(self, assertion: Assertion) -> AssertionResult | None:
        if assertion.needs_expected and "expected" not in self.values:
            return None
        try:
            if assertion.kind.members:
                return self._set(assertion)
            return self._named(assertion, _reported(assertion, self._outcome(assertion)))
        except Skipped:
            return None
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a scorer is this assertion's error, never a crash
            return _failed(assertion, error)

    def _named(self, assertion: Assertion, result: AssertionResult) -> AssertionResult:
        """Under its metric's name, which may be a template; one that cannot be filled in stands as it is written."""
        name = assertion.metric
        if name is None:
            return result
        with contextlib.suppress(PromptctlError, ValueError):
            name = as_text(evaluate(name, self.values))
        return replace(result, metric=name)

    def _outcome(self, assertion: Assertion) -> Outcome:
        kind = assertion.kind
        if kind.asks is not None or kind.ranks is not None:
            return _turned(assertion, self._heard(assertion))
        context, value, threshold = self._given(assertion)
        if kind.judge is None:
            return judged(self._returned(assertion, value, context), threshold, negated=assertion.negated)
        if assertion.negated and kind.opposite is not None:
            return kind.opposite(context, value, threshold)
        return _turned(assertion, kind.judge(context, value, threshold))

    def _given(self, assertion: Assertion) -> tuple[Context, Any, float | None]:
        """What a scorer is given: the answer, the value and the threshold, each with its templates filled in."""
        threshold = self._threshold(assertion)
        value = assertion.value
        context = self.context if assertion.transform is None else self._transformed(assertion.transform)
        if assertion.templated:
            value = assertion.kind.prepare(evaluate_tree(value, self.values))
        if isinstance(value, Unusable):
            raise ValueError(str(value))  # noqa: TRY004 - said to the user
        return context, value, threshold

    def _heard(self, assertion: Assertion) -> Outcome:
        found = self.heard.get(id(assertion))
        if found is None:
            raise ValueError(_NO_JUDGE)
        if isinstance(found, Exception):
            raise found
        return found

    def _returned(self, assertion: Assertion, value: Any, context: Context) -> Any:
        """What code says: the repository's own, where it may run, or that of a plug-in."""
        plugin = assertion.kind.plugin
        if plugin is not None:
            if self.plugins is None:
                raise ValueError("plug-ins cannot run here.")
            script = Script(plugin=plugin.entry, root=plugin.root)
            return self.plugins.run(script, context, {"value": value, **assertion.options})
        if self.code is None:
            raise ValueError(_NO_CODE)
        return self.code.run(value, context, assertion.options)

    def _transformed(self, template: str) -> Context:
        """The answers as the template makes them of `output`, and of `json` where an answer is JSON."""
        other = self.context.other
        return replace(
            self.context,
            reply=self._transformed_reply(template, self.context.reply),
            other=None if other is None else self._transformed_reply(template, other),
        )

    def _transformed_reply(self, template: str, reply: Reply) -> Reply:
        values = {**self.values, "output": reply.said}
        with contextlib.suppress(ValueError):
            values["json"] = parsed(reply.said)
        found = evaluate(template, values)
        return replace(reply, text=json.dumps(found, ensure_ascii=False) if _is_nested(found) else as_text(found))

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
        deciding = [member for member in members if not member.advisory] or members
        passed, value = _combined(deciding, threshold)
        graded = threshold is None and any(member.graded and member.weight for member in deciding)
        outcome = _turned(assertion, Outcome(passed, value, _set_reason(deciding, value, threshold), graded))
        advisory = all(member.advisory for member in members)
        return self._named(assertion, replace(_reported(assertion, outcome, members), advisory=advisory))


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _ranked(
    assertion: Assertion, value: Any, mine: Sequence[AssertionResult], theirs: Sequence[AssertionResult]
) -> Outcome:
    if assertion.kind.ranks is None:
        raise AssertionError("only what ranks is ranked")
    return assertion.kind.ranks(value, mine, theirs)


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
    return Outcome(passed, 1.0 - outcome.score, reason, outcome.graded, outcome.named)


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
        advisory=assertion.advisory,
        named=outcome.named,
    )


def _failed(assertion: Assertion, error: Exception) -> AssertionResult:
    said = _error_text(error)
    return AssertionResult(
        assertion.type, False, 0.0, said, error=said, weight=assertion.weight, advisory=assertion.advisory
    )


def _error_text(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the answer, or what it is compared with, is nested too deep."
    if isinstance(error, PromptctlError | ValueError):
        text = " ".join(str(error).split())
    else:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return text if len(text) <= _ERROR_LIMIT else f"{text[:_ERROR_LIMIT]}…"
