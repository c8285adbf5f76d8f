"""Judgements of an answer and the passages that it rests on, as Ragas defines them: shares of sentences."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from promptctl.scoring.ask import Ask, JudgeError, Turns
from promptctl.scoring.judge.judgement import Unreadable, asked, yes_or_no
from promptctl.scoring.judge.material import answer, passages, question
from promptctl.scoring.judge.vectors import cosines
from promptctl.scoring.result import Context, Outcome

QUESTIONS = 3  # that a judge makes up from an answer

_SENTENCE = re.compile(r"(?<=[.!?。！？])[\"')\]]*\s+")


def context_recall(context: Context, value: str, threshold: float | None) -> Turns[Outcome]:
    """The share of what the ground truth says that the passages bear out."""
    data = {"context": "\n\n".join(passages(context)), "groundTruth": value}
    ((marks, _),) = yield from asked([Ask("context-recall", data)], _marks("attributed"))
    return _share(sum(marks), len(marks), threshold, "statements of the ground truth stand in the context")


def context_relevance(context: Context, _value: None, threshold: float | None) -> Turns[Outcome]:
    """The share of the passages' sentences that the question needs."""
    units = sentences(passages(context))
    numbered = "\n".join(f"{place}. {unit}" for place, unit in enumerate(units, 1))

    def read(found: Mapping[str, Any]) -> frozenset[int]:
        places = found.get("relevant")
        if not isinstance(places, list) or not all(_is_place(one, len(units)) for one in places):
            raise Unreadable(f"'relevant' is no list of numbers from 1 to {len(units)}")
        return frozenset(places)

    ask = Ask("context-relevance", {"context": numbered, "query": question(context)})
    ((relevant, _),) = yield from asked([ask], read)
    return _share(len(relevant), len(units), threshold, "sentences of the context are needed")


def _is_place(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def context_faithfulness(context: Context, _value: None, threshold: float | None) -> Turns[Outcome]:
    """The share of the answer's statements that the passages bear out."""
    data = {"question": question(context), "answer": answer(context.reply)}
    ((statements, _),) = yield from asked([Ask("context-faithfulness-statements", data)], _statements)
    if not statements:
        raise JudgeError("the judge found no statement in the answer: there is nothing to hold against the context.")
    numbered = "\n".join(f"{place}. {one}" for place, one in enumerate(statements, 1))
    ask = Ask("context-faithfulness", {"context": "\n\n".join(passages(context)), "statements": numbered})
    ((marks, _),) = yield from asked([ask], _marks("supported", len(statements)))
    return _share(sum(marks), len(marks), threshold, "statements of the answer stand in the context")


def _statements(found: Mapping[str, Any]) -> tuple[str, ...]:
    statements = found.get("statements")
    if not isinstance(statements, list) or not all(isinstance(one, str) for one in statements):
        raise Unreadable("'statements' is no list of texts")
    return tuple(" ".join(one.split()) for one in statements if one.strip())


def _marks(key: str, count: int | None = None) -> Callable[[Mapping[str, Any]], list[bool]]:
    """Reads `statements`: for each whether it is `key`; a judgement names `count` of them, where that is known."""

    def read(found: Mapping[str, Any]) -> list[bool]:
        rows = found.get("statements")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise Unreadable("'statements' is no list of objects")
        if count is not None and len(rows) != count:
            raise Unreadable(f"'statements' holds {len(rows)} objects instead of {count}")
        marks = [yes_or_no(row, key) for row in rows]
        if None in marks:
            raise Unreadable(f"a statement does not say whether it is '{key}'")
        return [bool(mark) for mark in marks]

    return read


def answer_relevance(context: Context, _value: None, threshold: float | None) -> Turns[Outcome]:
    """How close the questions that the answer would answer are to the one that was asked: the mean cosine."""
    wanted = question(context)
    ask = Ask("answer-relevance", {"answer": answer(context.reply)})
    ((questions, _),) = yield from asked([ask], _questions)
    found = yield from cosines(wanted, questions)
    mean = max(0.0, sum(found) / len(found))
    limit = threshold or 0.0
    return Outcome(mean >= limit, min(1.0, mean), f"relevance {mean:.2f}, threshold {limit:.6g}: {questions[0]}")


def _questions(found: Mapping[str, Any]) -> tuple[str, ...]:
    questions = found.get("questions")
    if not isinstance(questions, list) or not questions or not all(isinstance(one, str) and one for one in questions):
        raise Unreadable("'questions' is no list of texts")
    return tuple(questions[:QUESTIONS])


def sentences(texts: list[str]) -> list[str]:
    """The units that are counted: given pieces as they are, lines where there are several, else sentences."""
    if len(texts) > 1:
        return [" ".join(one.split()) for one in texts]
    lines = [line.strip() for line in texts[0].splitlines() if line.strip()]
    return lines if len(lines) > 1 else [one.strip() for one in _SENTENCE.split(texts[0]) if one.strip()]


def _share(count: int, of: int, threshold: float | None, what: str) -> Outcome:
    share, limit = count / of, threshold or 0.0
    return Outcome(share >= limit, share, f"{count} of {of} {what}: {share:.2f}, threshold {limit:.6g}")
