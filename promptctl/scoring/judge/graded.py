"""Judgements of one answer by itself: by a criterion, against a reference, by steps, by a class."""

from collections.abc import Mapping
from typing import Any

from promptctl.scoring.ask import Ask, Turns
from promptctl.scoring.judge.judgement import Unreadable, asked, number, reason, required, yes_or_no
from promptctl.scoring.judge.material import answer, bounded, question
from promptctl.scoring.result import Context, Outcome

G_EVAL = 0.7  # The least score of g-eval where the assertion sets none, as promptfoo has it.
CLASS = 1.0  # The same of classifier.

CATEGORIES = {
    "A": (1.0, "says part of what the reference says"),
    "B": (1.0, "says all that the reference says, and more"),
    "C": (1.0, "says what the reference says"),
    "D": (0.0, "contradicts the reference"),
    "E": (1.0, "differs from the reference in nothing that matters"),
}


def llm_rubric(context: Context, value: str, threshold: float | None) -> Turns[Outcome]:
    """The answer meets the rubric; with a threshold the judge's score has to reach it too."""
    ask = Ask("llm-rubric", {"output": answer(context.reply), "rubric": bounded(value, "the rubric")})

    def read(found: Mapping[str, Any]) -> tuple[bool, float | None, str]:
        good, score = yes_or_no(found, "pass"), number(found, "score")
        if good is None and (score is None or threshold is None):
            raise Unreadable("'pass' is missing")
        return good is not False, score, reason(found)

    ((good, given, why), _) = (yield from asked([ask], read))[0]
    score = float(good) if given is None else given
    passed = good and (threshold is None or score >= threshold)
    said = why or ("meets the rubric" if good else "does not meet the rubric")
    if given is not None:
        limit = "" if threshold is None else f", threshold {threshold:.6g}"
        said = f"score {given:.6g}{limit}: {said}"
    return Outcome(passed, min(1.0, score), said)


def closed_qa(context: Context, value: str, _threshold: float | None) -> Turns[Outcome]:
    """The answer meets the criterion: yes or no."""
    data = {"input": question(context), "completion": answer(context.reply), "criteria": value}

    def read(found: Mapping[str, Any]) -> tuple[bool, str]:
        return required(yes_or_no(found, "pass"), "pass"), reason(found)

    ((good, why), _) = (yield from asked([Ask("model-graded-closedqa", data)], read))[0]
    return Outcome(good, float(good), why or ("meets the criterion" if good else "does not meet the criterion"))


def factuality(context: Context, value: str, _threshold: float | None) -> Turns[Outcome]:
    """The answer does not contradict the reference."""
    data = {"input": question(context), "completion": answer(context.reply), "ideal": value}

    def read(found: Mapping[str, Any]) -> tuple[str, str]:
        category = str(found.get("category", "")).strip().upper()
        if category not in CATEGORIES:
            raise Unreadable("'category' is none of A, B, C, D and E")
        return category, reason(found)

    ((category, why), _) = (yield from asked([Ask("factuality", data)], read))[0]
    score, meaning = CATEGORIES[category]
    return Outcome(score > 0, score, f"{meaning} ({category})" + (f": {why}" if why else ""))


def g_eval(context: Context, value: tuple[str, ...], threshold: float | None) -> Turns[Outcome]:
    """The mean score over the criteria, each judged by steps that the judge first lays down for it."""
    limit = G_EVAL if threshold is None else threshold
    plans = yield from asked([Ask("g-eval-steps", {"criteria": one}) for one in value], _steps)
    shown = {"input": question(context), "output": answer(context.reply)}
    asks = [
        Ask("g-eval", {**shown, "criteria": one, "steps": "\n".join(f"- {step}" for step in steps)})
        for one, (steps, _) in zip(value, plans, strict=True)
    ]
    found = yield from asked(asks, _out_of_ten)
    mean = sum(score for (score, _), _ in found) / len(found)
    why = "; ".join(why for (_, why), _ in found if why)
    return Outcome(mean >= limit, mean, f"score {mean:.2f}, threshold {limit:.6g}" + (f": {why}" if why else ""))


def _steps(found: Mapping[str, Any]) -> tuple[str, ...]:
    steps = found.get("steps")
    if not isinstance(steps, list) or not steps or not all(isinstance(one, str) and one.strip() for one in steps):
        raise Unreadable("'steps' is no list of texts")
    return tuple(" ".join(one.split()) for one in steps)


def _out_of_ten(found: Mapping[str, Any]) -> tuple[float, str]:
    return required(number(found, "score", most=10), "score") / 10, reason(found)


def classifier(context: Context, value: str, threshold: float | None) -> Turns[Outcome]:
    """How surely the answer belongs to the class, from 0 to 1."""
    limit = CLASS if threshold is None else threshold
    ask = Ask("classifier", {"output": answer(context.reply), "label": value})

    def read(found: Mapping[str, Any]) -> tuple[float, str]:
        return required(number(found, "score", most=1), "score"), reason(found)

    ((score, why), _) = (yield from asked([ask], read))[0]
    said = f"{value}: {score:.2f}, threshold {limit:.6g}"
    return Outcome(score >= limit, score, said + (f": {why}" if why else ""))
