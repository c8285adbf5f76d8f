"""What a judge is shown of an answer and its case: texts, bounded."""

import json
from typing import Any

from promptctl.models.call import Reply
from promptctl.scoring.result import Context
from promptctl.scoring.text import as_text

LIMIT = 400_000  # Characters of one text: more than any judge reads, and a bound on what is sent.


def answer(reply: Reply) -> str:
    """What the answer says, if a judge may be shown it. Raises ValueError."""
    return bounded(reply.said, "the answer")


def bounded(text: str, what: str) -> str:
    """The text, if a judge may be shown it. Raises ValueError."""
    if len(text) > LIMIT:
        raise ValueError(f"{what} is too long to be judged: {len(text):,} characters (the limit is {LIMIT:,}).")
    return text


def criterion(value: Any) -> str:
    """What to judge by: a text, or an object as JSON."""
    if value is None or value == "":
        raise ValueError("'value' must say what to judge by.")
    return as_text(value) if not isinstance(value, list | dict) else json.dumps(value, ensure_ascii=False)


def optional_criterion(value: Any) -> str:
    """As `criterion`; empty where the judge's prompt says it all."""
    return "" if value is None or value == "" else criterion(value)


def criteria(value: Any) -> tuple[str, ...]:
    """One criterion, or a list of them."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError("'value' must be a criterion, or a list of them.")
    return tuple(criterion(one) for one in values)


def question(context: Context) -> str:
    """What was asked: the variable `query` or `question`, else the last message of the new side's user."""
    for name in ("query", "question"):
        if isinstance(context.vars.get(name), str):
            return bounded(context.vars[name], f"the variable '{name}'")
    return bounded(context.question, "the question")


def passages(context: Context) -> list[str]:
    """The variable `context`: one text, or a list of them. Raises ValueError where the case has none."""
    value = context.vars.get("context")
    found = [as_text(one) for one in value] if isinstance(value, list) else [as_text(value)] if value else []
    found = [one for one in found if one.strip()]
    if not found:
        raise ValueError("the case has no variable 'context': what the answer should rest on.")
    bounded("".join(found), "the variable 'context'")
    return found
