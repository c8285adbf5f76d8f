"""A provider's own headers -> what it will still take, and from when on it takes more."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 60.0  # nobody waits longer on a header's word
# OpenAI and those who speak as it does; Anthropic, whose input and output tokens have limits of their own.
_NAMES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "requests": (
        ("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        (
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
        ),
    ),
    "tokens": (
        ("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        (
            "anthropic-ratelimit-tokens-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ),
    ),
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class Allowance:
    """`remaining` requests or tokens now, and `per_second` more of them until the `limit` is full again."""

    remaining: float
    per_second: float
    limit: float


def allowances(headers: Mapping[str, str], now: float) -> dict[str, Allowance]:
    """What the headers say of `requests` and of `tokens`; `now` in seconds since the epoch, for a date in them."""
    sent = _date(headers.get("date"))
    found: dict[str, Allowance] = {}
    for kind, names in _NAMES.items():
        for limit, remaining, reset in names:
            one = _allowance(
                number(headers.get(limit)),
                number(headers.get(remaining)),
                # The provider's own clock, where it tells it: ours may be wrong.
                seconds_until(headers.get(reset), now if sent is None else sent),
            )
            if one is not None:
                found[kind] = one
    return found


def seconds_until(value: object, now: float) -> float | None:
    """`1m30s`, `120ms`, `0.25` (seconds), an HTTP or an ISO date -> seconds from `now` on; None where it is none."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    plain = number(text)
    if plain is not None:
        return plain
    spans = _SPAN.findall(text)
    if spans and "".join(map("".join, spans)) == text:
        return sum(float(count) * _UNITS[unit] for count, unit in spans)
    date = _date(text)
    return None if date is None else max(0.0, date - now)


def _allowance(limit: float | None, remaining: float | None, reset: float | None) -> Allowance | None:
    if remaining is None or not reset:
        return None
    missing = max(1.0, remaining if limit is None else limit - remaining)
    return Allowance(remaining, missing / reset, remaining + missing)


def _date(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = read(value)
            return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def number(value: object) -> float | None:
    """A number of 0 or more, as headers hold it; None where it is none."""
    try:
        found = float(value)  # type: ignore[arg-type] # what is no number raises
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) and 0 <= found < 1e12 else None
