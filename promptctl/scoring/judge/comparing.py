"""Judgements of an answer beside the other side's: pairwise, select-best, max-score."""

from collections.abc import Mapping, Sequence
from typing import Any

from promptctl.scoring.ask import Ask, Turns
from promptctl.scoring.judge.judgement import Unreadable, asked, reason
from promptctl.scoring.judge.material import answer, bounded, question
from promptctl.scoring.result import AssertionResult, Context, Outcome

TIE = 0.5
BEST = "Which answer serves better the person who asked?"


def pairwise(context: Context, value: str, threshold: float | None) -> Turns[Outcome]:
    """The answer is not worse than the other side's, in the eyes of a judge who sees the two in both orders."""
    limit = TIE if threshold is None else threshold
    mine, other = answer(context.reply), answer(context.opposite())
    if mine == other:
        return Outcome(limit <= TIE, TIE, "a tie: the answers are equal")
    # In the order of the texts, whoever asks: both sides share the two judgements.
    low, high = sorted((mine, other))
    shown = {"criteria": bounded(value or BEST, "the criterion"), "question": question(context)}
    asks = [Ask("pairwise", {**shown, "first": one, "second": two}) for one, two in ((low, high), (high, low))]
    found = yield from asked(asks, _winner)
    ((here, why), _), ((there, other_why), _) = found
    votes = [_points(here, first=mine == low), _points(there, first=mine == high)]
    score, said = _settled(votes, (why, other_why))
    return Outcome(score >= limit, score, said)


def _winner(found: Mapping[str, Any]) -> tuple[str, str]:
    winner = str(found.get("winner", "")).strip().lower()
    known = {"1": "first", "2": "second", "first": "first", "second": "second", "tie": "tie"}
    if winner not in known:
        raise Unreadable("'winner' is neither first nor second nor tie")
    return known[winner], reason(found)


def _points(winner: str, *, first: bool) -> float:
    if winner == "tie":
        return TIE
    return float((winner == "first") == first)


def _settled(votes: Sequence[float], reasons: Sequence[str]) -> tuple[float, str]:
    """Both orders have to agree on a winner; else it is a tie."""
    one, two = votes
    if one == two and one != TIE:
        return one, f"{'better' if one else 'worse'} than the other side's, in both orders: {reasons[0]}"
    if one == two:
        return TIE, f"a tie, in both orders: {reasons[0]}"
    return TIE, f"a tie: the judge decides otherwise where the order is turned round: {reasons[0]}"


def best_of(value: Any) -> dict[str, Any]:
    """The `value` of max-score: `method` (average or sum), `weights` by type, `threshold`."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not value.keys() <= {"method", "weights", "threshold"}:
        raise ValueError("'value' may hold method (average or sum), weights and threshold.")
    if value.get("method", "average") not in ("average", "sum"):
        raise ValueError("'method' must be average or sum.")
    numbers = [*_weights(value).values(), value.get("threshold", 0)]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < 1e300 for one in numbers):
        raise ValueError("'weights' and 'threshold' must be numbers of at least 0.")
    return value


def _weights(value: Mapping[str, Any]) -> Mapping[str, Any]:
    weights = value.get("weights", {})
    if not isinstance(weights, dict):
        raise ValueError("'weights' must give types of assertions a number.")  # noqa: TRY004 - said to the user
    return weights


def max_score(
    value: Mapping[str, Any] | None, mine: Sequence[AssertionResult], others: Sequence[AssertionResult]
) -> Outcome:
    """The other assertions give the answer no less than they give the other side's."""
    options = value or {}
    own, other = _aggregate(options, mine), _aggregate(options, others)
    if "threshold" in options and own < options["threshold"]:
        return Outcome(False, 0.0, f"score {own:.3f}, threshold {options['threshold']:.6g}")
    good = own >= other
    score = TIE if own == other else float(good)
    return Outcome(good, score, f"score {own:.3f}, the other side's {other:.3f}")


def _aggregate(value: Mapping[str, Any], results: Sequence[AssertionResult]) -> float:
    if not results:
        raise ValueError("there is no other assertion whose scores could be compared.")
    weights = [float(_weights(value).get(result.type, 1.0)) for result in results]
    total = sum(result.score * weight for result, weight in zip(results, weights, strict=True))
    if value.get("method", "average") == "sum":
        return total
    return total / sum(weights) if sum(weights) else 0.0
