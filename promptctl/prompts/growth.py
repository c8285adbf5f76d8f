"""Filters and methods whose results can be far larger than their arguments: checked before they run.

Imported by sandbox.py alone; it shares its price (Jinja).
"""

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import pass_environment
from jinja2.filters import make_attrgetter

from promptctl.prompts.budget import MAX_OUTPUT, MAX_WIDTH, Refused, current, printed

_DIRECTIVE = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+)?)?")
# `random` would make a prompt a different one on every run; `urlize` is slow on hostile text, and of no use here.
_LEFT_OUT = frozenset({"attr", "random", "urlize"})
_MAX_PRECISION = 100

Function = Callable[..., Any]


def joined(pieces: Iterable[Any], separator: str = "") -> str:
    """The pieces as one string, refused before it is too long."""
    budget = current()
    texts, length = [], 0
    for piece in pieces:
        text = piece if type(piece) is str else printed(piece)
        texts.append(text)
        length += len(text) + len(separator)
        if length > MAX_OUTPUT:
            break
    budget.string(length)
    return separator.join(texts)


def check_format(template: str, values: Any) -> None:
    """Refuse a %-format whose widths or result are out of bounds."""
    budget = current()
    directives = _DIRECTIVE.findall(template)
    for width in (width for pair in directives for width in pair):
        if width == "*" or (width and (len(width) > 4 or int(width) > MAX_WIDTH)):
            raise Refused(f"a format wider than {MAX_WIDTH:,} characters")
    budget.string(len(template) + len(directives) * (MAX_WIDTH + budget.weight(values)))


def bounded_call(method: Function, text: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """A whitelisted method of a string."""
    name = method.__name__
    if name == "join" and len(args) == 1 and not kwargs:
        return joined(args[0], text)
    if name in {"center", "ljust", "rjust", "zfill"}:
        current().string(max(int(args[0]), 0) if args else 0)
    elif name == "expandtabs":
        size = next(iter((*args, *kwargs.values())), 8)
        current().string(len(text) + text.count("\t") * max(int(size), 0))
    elif name == "replace" and len(args) >= 2:
        _check_replace(text, args[0], args[1])
    return method(*args, **kwargs)


def _check_replace(text: str, old: Any, new: Any) -> None:
    found = text.count(str(old))
    current().string(len(text) + found * len(str(new)))


def _center(original: Function, value: Any, width: int = 80) -> Any:
    current().string(max(int(width), 0))
    return original(value, width)


def _indent(original: Function, value: Any, width: int | str = 4, *flags: Any, **named: Any) -> Any:
    each = len(width) if isinstance(width, str) else max(int(width), 0)
    text = printed(value)
    current().string(len(text) + (len(text.splitlines()) + 1) * each)
    return original(text, width, *flags, **named)


def _batch(original: Function, value: Any, linecount: int, fill_with: Any = None) -> Any:
    current().work(8 * max(int(linecount), 0))
    return original(value, linecount, fill_with)


def _slice(original: Function, context: Any, value: Any, slices: int, fill_with: Any = None) -> Any:
    current().work(100 * max(int(slices), 0))
    return original(context, value, slices, fill_with)


def _round(original: Function, value: Any, precision: int = 0, method: str = "common") -> Any:
    if abs(int(precision)) > _MAX_PRECISION:
        raise Refused(f"a precision of more than {_MAX_PRECISION} digits")
    return original(value, precision, method)


def _replace(original: Function, context: Any, value: Any, old: Any, new: Any, count: int | None = None) -> Any:
    _check_replace(printed(value), old, new)
    return original(context, value, old, new, count)


def _format(original: Function, value: Any, *args: Any, **kwargs: Any) -> Any:
    check_format(printed(value), kwargs or args)
    return original(value, *args, **kwargs)


def _wordwrap(original: Function, environment: Any, value: Any, width: int = 79, *args: Any, **named: Any) -> Any:
    text = printed(value)
    wrap = named.get("wrapstring") or (args[1] if len(args) > 1 else None) or "\n"
    current().string(len(text) * (1 + len(wrap)))
    # A long word is cut off its rest piece by piece, copying the rest each time.
    current().work(len(text) * max(map(len, text.split()), default=0) // max(int(width), 1))
    return original(environment, text, width, *args, **named)


def _sum(original: Function, environment: Any, iterable: Any, attribute: Any = None, start: Any = 0) -> Any:
    elements = list(iterable)
    if not isinstance(start, int | float):
        # Adding lists one by one copies the growing sum each time.
        current().work(len(elements) * current().weight(elements))
    return original(environment, elements, attribute, start)


@pass_environment
def _join(environment: Any, value: Iterable[Any], d: Any = "", attribute: str | int | None = None) -> str:
    found = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    return joined(found, printed(d))


def _tojson(value: Any, indent: int | None = None) -> str:
    """JSON as a model should read it: Jinja's own escapes <, >, & and ' for HTML."""
    if indent is not None and not 0 <= int(indent) <= 16:
        raise Refused("an indent of more than 16")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent, default=_not_json)


def _not_json(value: Any) -> Any:
    raise TypeError(f"{printed(value)} has no form in JSON")  # printing an undefined value names it


_CHECKED: dict[str, Function] = {
    "center": _center,
    "indent": _indent,
    "batch": _batch,
    "slice": _slice,
    "round": _round,
    "replace": _replace,
    "format": _format,
    "wordwrap": _wordwrap,
    "sum": _sum,
}


def safe_filters(filters: Mapping[str, Function]) -> dict[str, Function]:
    """Jinja's filters, those that grow behind a check."""
    kept = {name: function for name, function in filters.items() if name not in _LEFT_OUT}
    checked = {name: _behind(check, kept[name]) for name, check in _CHECKED.items()}
    return {**kept, **checked, "join": _join, "tojson": _tojson}


def _behind(check: Function, original: Function) -> Function:
    @functools.wraps(original)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        return check(original, *args, **kwargs)

    return bounded
