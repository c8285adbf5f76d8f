"""The assertion `language`: the answer is written in it."""

import re
from functools import cache
from typing import Any

from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import quoted

SURE = 0.7  # From here on the detector counts its own guess as reliable.
LIMIT = 10_000  # Bytes that are looked at.


def code(value: Any) -> str:
    """A language's code: de, pt, zh."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{2,8})?", value):
        raise ValueError("'value' must be a language's code of ISO 639, such as en, de or zh.")
    return value.lower()


def language(context: Context, value: str, threshold: float | None) -> Outcome:
    """The likeliest language is this one, with a probability of at least `threshold` if there is one.

    Another language counts only where the detector is sure of it; what is too short to tell is an error.
    """
    found = _detector().FindLanguage(text=context.output[:LIMIT])
    said = f"is {found.language} with probability {found.probability:.2f}"
    same = value in {found.language.lower(), found.language.lower().partition("-")[0]}
    if not re.search(r"\w", context.output) or (not same and found.probability < SURE):
        raise ValueError(f"cannot tell the language of {quoted(context.output)}: it {said}.")
    good = same and found.probability >= (threshold or 0.0)
    return Outcome(good, float(good), said if good else f"{said}, expected {value}")


@cache
def _detector() -> Any:
    import gcld3  # 2 ms: only language pays it

    return gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=LIMIT)
