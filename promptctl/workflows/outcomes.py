"""Answers and scores of a case -> the facts that a verdict rests on, and what the reader is shown."""

from collections.abc import Iterator, Sequence

from promptctl.models.call import Answer, CallFailed, Failure, Reply
from promptctl.reports.view import AssertionView, CaseView, ExcuseView, SideView, TokensView
from promptctl.scoring.result import AssertionResult
from promptctl.verdict.health import Verified
from promptctl.verdict.metrics import Named
from promptctl.verdict.pair import Outcome, Pair
from promptctl.verdict.suspect import Side as OldOrNew
from promptctl.verdict.waivers import Excuse
from promptctl.workflows.plan import CaseRun, Side

# What a new side may run into that its edit brought about: a failed answer, not an unknown one.
FATAL = frozenset({Failure.CONTEXT_LENGTH, Failure.CONTENT_POLICY})


def pair(run: CaseRun) -> Pair:
    """One case's facts."""
    silent = run.unaffected and not _known(run.new)  # equal requests that nobody asked: there is nothing to say
    return Pair(
        id=run.case.id,
        old=None if run.old is None or silent else outcome(run.old),
        new=None if silent else outcome(run.new),
        unaffected=run.unaffected,
        changed=_changed(run),
        weight=run.case.weight,
        cluster=run.case.cluster,
        tags=run.case.tags,
        request=_request(run),
    )


def _request(run: CaseRun) -> bytes | None:
    """What cases with the same requests on both sides have in common: they share their answers."""
    if run.old is None or run.old.call is None or run.new.call is None:
        return None
    return bytes.fromhex(run.old.call.request[:16] + run.new.call.request[:16])


def _known(side: Side) -> bool:
    return any(isinstance(answer, Reply) for answer in side.answers)


def outcome(side: Side) -> Outcome:
    """One side's facts, over its first samples."""
    replies = [answer for answer in side.answers if isinstance(answer, Reply)]
    error, fatal = _error(side)
    scored = [score for score in side.scores if score.passed is not None]
    usages = [reply.usage for reply in replies]
    return Outcome(
        passed=() if error else tuple(bool(score.passed) for score in scored),
        scores=() if error else tuple(score.score or 0.0 for score in scored),
        outputs=tuple(reply.text for reply in replies),
        error=error,
        fatal=fatal,
        costs=tuple(reply.cost_usd for reply in replies),
        latencies=tuple(reply.latency_ms for reply in replies),
        input_tokens=_total([usage.input for usage in usages]),
        output_tokens=_total([usage.output for usage in usages]),
        reasoning_tokens=_total([usage.reasoning for usage in usages]),
        cached_tokens=_total([usage.cached for usage in usages]),
        graded=any(score.graded for score in scored),
    )


def _error(side: Side) -> tuple[str | None, bool]:
    """Why this side has no result, and whether the failure is the request's own doing."""
    if side.problem is not None:
        return side.problem, True
    failures = [answer for answer in side.answers if isinstance(answer, CallFailed)]
    if failures:
        return failures[0].reason, all(failure.failure in FATAL for failure in failures)
    scoring = next((score.error for score in side.scores if score.error is not None), None)
    return scoring, False


def _changed(run: CaseRun) -> bool:
    """Whether the answers differ; that the edit left none is a difference, that nobody could ask is not known to be."""
    if run.old is None or run.unaffected or not _is_answered(run.old):
        return False
    if not _is_answered(run.new) and not outcome(run.new).fatal:
        return False
    return _texts(run.old.answers) != _texts(run.new.answers)


def _is_answered(side: Side) -> bool:
    return bool(side.answers) and all(isinstance(answer, Reply) for answer in side.answers)


def _texts(answers: Sequence[Answer]) -> list[tuple[str, list[object]]]:
    return sorted(
        ((answer.text, answer.called) if isinstance(answer, Reply) else ("", []) for answer in answers),
        key=repr,
    )


def _total(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def first_text(side: Side) -> str | None:
    """The answer that is shown of a side."""
    return next((answer.said for answer in side.answers if isinstance(answer, Reply)), None)


def case_view(
    run: CaseRun, *, status: str, confirmed: bool, suspected: bool, reason: str | None, excuse: Excuse | None = None
) -> CaseView:
    """One case as the reports show it. `reason` says why a status is `error` where no side says so itself."""
    return CaseView(
        id=run.case.id,
        status=status,
        confirmed=confirmed,
        suspected=suspected,
        changed=_changed(run),
        tags=run.case.tags,
        old=None if run.old is None else side_view(run.old),
        new=side_view(run.new, reason=reason),
        vars=run.case.vars,
        expected=run.case.expected,
        excuse=None if excuse is None else excuse_view(excuse),
    )


def excuse_view(excuse: Excuse) -> ExcuseView:
    """Why a case does not count, as the reports show it."""
    until = None if excuse.until is None else excuse.until.isoformat()
    return ExcuseView(excuse.by, excuse.made.isoformat(), excuse.reason, until, brought=excuse.brought)


def verified(run: CaseRun) -> Iterator[Verified]:
    """What the assertions said of every first answer, on both sides; one that errs says nothing."""
    for side in run.sides():
        for score in side.scores:
            for place, result in enumerate(score.assertions, 1):
                if result.error is None:
                    yield Verified(f"{place}. {result.type}", result.passed)


def named(run: CaseRun) -> Iterator[Named]:
    """The named results on a case's first answers, where every side of it was scored: one yardstick, the same cases."""
    sides = [(OldOrNew.NEW, run.new)]
    if run.old is not None:
        # An unaffected case has one answer for both sides.
        sides.append((OldOrNew.OLD, run.new if run.unaffected else run.old))
    if all(side.scores and _error(side)[0] is None for _, side in sides):
        for which, side in sides:
            for score in side.scores:
                yield from _named(score.assertions, which, 1.0)


def _named(results: Sequence[AssertionResult], side: OldOrNew, weight: float) -> Iterator[Named]:
    for result in results:
        share = weight * result.weight
        if result.metric is not None:
            yield Named(result.metric, side, result.score, result.passed, share)
        for name, score in result.named.items():
            if name != result.metric:
                yield Named(name, side, score, result.passed, share)
        yield from _named(result.assertions or (), side, share)


def side_view(side: Side, *, reason: str | None = None) -> SideView:
    """One side of one case: its first answer, its mean result over the first samples."""
    facts = outcome(side)
    reply = next((answer for answer in side.answers if isinstance(answer, Reply)), None)
    assertions = tuple(map(_assertion, side.scores[0].assertions)) if side.scores else ()
    error = facts.error or reason
    if reply is None:
        failed = False if facts.fatal else None
        return SideView(error=error, passed=failed, samples=0)
    return SideView(
        output=reply.said,
        passed=facts.passes,
        score=sum(facts.scores) / len(facts.scores) if facts.scores else None,
        samples=len(facts.outputs),
        origin=reply.origin.value,
        model=reply.model,
        cost_usd=reply.cost_usd,
        latency_ms=reply.latency_ms,
        tokens=TokensView(reply.usage.input, reply.usage.output, reply.usage.reasoning, reply.usage.cached),
        error=error,
        assertions=assertions,
    )


def _assertion(result: AssertionResult) -> AssertionView:
    nested = None if result.assertions is None else tuple(map(_assertion, result.assertions))
    return AssertionView(result.type, result.passed, result.score, result.reason, result.error, nested)
