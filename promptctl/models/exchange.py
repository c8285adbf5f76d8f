"""Answers with their requests, a JSON line each: how they travel from one store to another.

A line is that of a recordings file with the request beside it, so that the fingerprint can be checked: a line whose
request has another fingerprint answers nothing.
"""

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any

from promptctl.models.answer_json import BrokenAnswerError, object_in, reply_from_json, reply_to_json
from promptctl.models.call import SCHEME, Call, Kind, Origin, Reply

_Shape = type | UnionType
_SHAPES: Mapping[str, _Shape] = {
    "model": str,
    "messages": list,
    "params": dict | None,
    "tools": list | None,
    "response_format": dict | None,
    "endpoint": str | None,
}


def line_of(
    fingerprint: str, request: Mapping[str, Any], sample: int, against: str | None, scheme: int, reply: Reply
) -> str:
    """One line, without its end. Never a key or a header: a request has none."""
    value: dict[str, Any] = {"answer": reply_to_json(reply), "fingerprint": fingerprint, "request": dict(request)}
    value |= {"sample": sample, "scheme": scheme}
    if against is not None:
        value["against"] = against
    return json.dumps(value, sort_keys=True, allow_nan=False)


def answer_in(line: str) -> tuple[Call, Reply]:
    """The call and the answer of a line. Raises BrokenAnswerError, which says what is wrong with it."""
    value = object_in(line)
    if value.get("scheme") != SCHEME:
        raise BrokenAnswerError(f"its fingerprint is of scheme {value.get('scheme')!r}; this promptctl knows {SCHEME}")
    call = _call(value)
    try:
        same = call.fingerprint == value.get("fingerprint")
    except (TypeError, ValueError, RecursionError):
        raise BrokenAnswerError("its request is none") from None
    if not same:
        raise BrokenAnswerError("its fingerprint is not that of its request")
    return call, reply_from_json(value.get("answer"), origin=Origin.CACHE)


def _call(value: Mapping[str, Any]) -> Call:
    request, sample, against = value.get("request"), value.get("sample", 0), value.get("against")
    if not isinstance(request, dict):
        raise BrokenAnswerError("'request' is missing: a recordings file is read where it lies, not imported")
    for name, shape in _SHAPES.items():
        if not isinstance(request.get(name), shape):
            raise BrokenAnswerError(f"the request's '{name}' is of the wrong type")
    kind = request.get("kind", Kind.CHAT.value)
    if kind not in (known := [one.value for one in Kind]):
        raise BrokenAnswerError(f"the request's 'kind' is none of {', '.join(known)}")
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 0 or not isinstance(against, str | None):
        raise BrokenAnswerError("'sample' or 'against' is no sample's")
    return Call(
        model=request["model"],
        messages=tuple(request["messages"]),
        params=request.get("params") or {},
        tools=tuple(request.get("tools") or ()),
        response_format=request.get("response_format"),
        endpoint=request.get("endpoint"),
        sample=sample,
        against=against,
        kind=Kind(kind),
    )
