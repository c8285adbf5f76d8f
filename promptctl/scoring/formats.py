"""The formats of JSON Schema, each as its own standard has it; jsonschema alone leaves most of them unchecked."""

import re
from collections.abc import Callable, Mapping

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
_ZONE = r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)"
_POINTER = r"(?:/(?:[^~/]|~[01])*)*"
_URI = r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
_DURATION = (
    r"P(?=[0-9T])(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)"  # ISO 8601
)

TEXTS: Mapping[str, str] = {
    "time": rf"{_CLOCK}{_ZONE}",  # RFC 3339
    "iso-time": rf"{_CLOCK}{_ZONE}?",
    "duration": _DURATION,
    "email": rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}",
    "hostname": rf"(?=.{{1,253}}\.?\Z){_LABEL}(?:\.{_LABEL})*\.?",  # RFC 1123
    "uri": rf"[A-Za-z][A-Za-z0-9+.-]*:{_URI}+",  # RFC 3986
    "uri-reference": rf"{_URI}*",
    "url": rf"(?:https?|ftp)://{_URI}+",
    "uuid": r"(?:urn:uuid:)?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "json-pointer": _POINTER,  # RFC 6901
    "relative-json-pointer": rf"(?:0|[1-9]\d*)(?:#|{_POINTER})",
    "byte": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}
RANGES: Mapping[str, int] = {"int32": 2**31, "int64": 2**63}


def _is_text(pattern: str) -> Callable[[object], bool]:
    compiled = re.compile(pattern)
    return lambda value: not isinstance(value, str) or compiled.fullmatch(value) is not None


def _is_whole(limit: int) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        return float(value).is_integer() and -limit <= value < limit

    return check


def is_date_time(value: object) -> bool:
    """RFC 3339, with its zone; the day is one of the calendar."""
    from datetime import date

    if not isinstance(value, str):
        return True
    day, clock = value[:10], value[11:]
    if value[10:11] not in {"T", "t", " "} or not re.fullmatch(rf"{_CLOCK}{_ZONE}", clock):
        return False
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return len(day) == 10


def checks() -> dict[str, Callable[[object], bool]]:
    """Each format with what says whether a value is one; a value of another type always is."""
    return {
        **{name: _is_text(pattern) for name, pattern in TEXTS.items()},
        **{name: _is_whole(limit) for name, limit in RANGES.items()},
        "date-time": is_date_time,
    }
