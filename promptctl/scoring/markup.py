"""Assertions on the answer as XML: is-xml and contains-xml, with paths of elements that must be there."""

import re
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import as_text, quoted

SECONDS = 2.0  # Processor time. Looking for elements in an answer that is full of angle brackets stops here.

_START = (
    ":A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c-\\u200d\\u2070-\\u218f"
    "\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\U00010000-\\U000effff"
)
_NAME = f"[{_START}][{_START}\\-.0-9\\u00b7\\u0300-\\u036f\\u203f-\\u2040]*+"
Paths = tuple[tuple[str, ...], ...]


class Found(NamedTuple):
    """A range of the text that reads as an element; `parent` is where the element around it starts, if any."""

    start: int
    end: int
    parent: int | None


def required(value: Any) -> Paths:
    """The paths of elements that must be there: a list, a text with commas, or {requiredElements: [...]}."""
    if isinstance(value, dict) and set(value) == {"requiredElements"}:
        value = value["requiredElements"]
    if isinstance(value, str):
        value = value.split(",") if value.strip() else []
    if value is None or value == {}:
        return ()
    if not isinstance(value, list) or any(item is None or isinstance(item, list | dict) for item in value):
        raise ValueError("'value' must be a list of paths such as root.child, or {requiredElements: [root.child]}.")
    return tuple(tuple(as_text(item).strip().split(".")) for item in value)


def is_xml(context: Context, value: Paths, _threshold: float | None) -> Outcome:
    """The whole answer is one well-formed XML document that has the elements."""
    wrong = _mistake(context.output)
    if wrong is not None:
        return Outcome(False, 0.0, f"is no XML: {wrong}: {quoted(context.output)}")
    return _judged(_lacking(context.output, value), "is XML")


def contains_xml(context: Context, value: Paths, _threshold: float | None) -> Outcome:
    """Somewhere in the answer stands an element, or a row of them, that has the elements."""
    text, deadline = context.output, time.thread_time() + SECONDS
    last = Outcome(False, 0.0, f"contains no XML: {quoted(text)}")
    covered: list[Found] = []
    for one in _ordered(list(_elements(text, deadline))):
        if any(one.start >= other.start and one.end <= other.end for other in covered):
            continue
        covered.append(one)
        last = _judged(_lacking(text[one.start : one.end], value), "contains XML")
        if last.passed:
            return last
    return last


def _judged(lacking: Sequence[str], good: str) -> Outcome:
    if lacking:
        return Outcome(False, 0.0, f"the XML has no {', '.join(map(quoted, lacking))}")
    return Outcome(True, 1.0, good)


class _Refused(Exception):
    """What we do not read, though it may be XML."""


def _mistake(text: str) -> str | None:
    """Why the text is no XML document; None where it is one. Entities of its own are refused, so none can explode."""
    from xml.parsers import expat  # 2 ms: only is-xml pays it

    parser = expat.ParserCreate("utf-8", " ")

    def doctype(_name: str, system: str | None, _public: str | None, has_internal: int) -> None:
        if "#" in (system or ""):
            raise _Refused("its system identifier has a fragment")
        if has_internal:
            raise _Refused("it declares entities or elements of its own, which are not read")

    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except _Refused as error:
        return str(error)
    except expat.ExpatError as error:
        return f"{expat.ErrorString(error.code)} at line {error.lineno}, column {error.offset + 1}"
    return None


def _lacking(text: str, paths: Paths) -> list[str]:
    if not paths:
        return []
    tree = _tree(text)
    return [".".join(path) for path in paths if not _has(tree, path)]


def _has(tree: Any, path: Sequence[str]) -> bool:
    """Elements that repeat are a list, in which a number tells which: root.child.0.name."""
    for key in path:
        if isinstance(tree, list):
            if not re.fullmatch(r"0|[1-9]\d{0,8}", key) or int(key) >= len(tree):
                return False
            tree = tree[int(key)]
        elif isinstance(tree, dict) and key in tree:
            tree = tree[key]
        else:
            return False
    return True


@cache
def _pieces() -> re.Pattern[str]:
    return re.compile(
        r"<!--.*?-->|<!\[CDATA\[(?P<data>.*?)\]\]>|<\?(?P<told>[^\s?>]*)(?P<facts>.*?)\?>|<!(?:[^>\"']|\"[^\"]*\"|'[^']*')*+>"
        r"|<(?P<close>/?)(?P<name>[^\s/>]+)(?P<rest>(?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>",
        re.DOTALL,
    )


@cache
def _attributes() -> re.Pattern[str]:
    return re.compile(r"([^\s=/\"']+)\s*(?:=\s*(?:\"[^\"]*\"|'[^']*'))?")


def _tree(text: str) -> Any:
    """The elements as nested mappings; an attribute is `@_name`, text beside elements or attributes `#text`."""
    root: dict[str, Any] = {}
    stack: list[tuple[str, dict[str, Any]]] = [("", root)]
    end = 0
    for piece in _pieces().finditer(text):
        _add_text(stack[-1][1], text[end : piece.start()] + (piece["data"] or ""))
        end = piece.end()
        if piece["told"] is not None:
            _add(stack[-1][1], f"?{piece['told']}", _facts(piece["facts"]))
        elif piece["name"] is None:
            continue
        elif piece["close"]:
            _close(stack)
        else:
            rest = piece["rest"].rstrip()
            stack.append((piece["name"], _facts(rest.removesuffix("/"))))
            if rest.endswith("/"):
                _close(stack)
    while len(stack) > 1:
        _close(stack)
    return root


def _facts(text: str) -> dict[str, Any]:
    return {f"@_{match[1]}": "" for match in _attributes().finditer(text)}


def _add_text(node: dict[str, Any], text: str) -> None:
    if text.strip():
        node["#text"] = ""


def _close(stack: list[tuple[str, dict[str, Any]]]) -> None:
    if len(stack) > 1:
        name, node = stack.pop()
        # An element of text alone is its text, which has nothing below it.
        _add(stack[-1][1], name, node if node.keys() - {"#text"} else "")


def _add(node: dict[str, Any], name: str, value: Any) -> None:
    if name not in node:
        node[name] = value
    elif isinstance(node[name], list):
        node[name].append(value)
    else:
        node[name] = [node[name], value]


@cache
def _tags() -> re.Pattern[str]:
    # Each branch is possessive: what does not end is not tried again in other ways.
    return re.compile(
        r"<!--(?:.*?-->|.*)|<!\[CDATA\[(?:.*?\]\]>|.*)|<\?(?:.*?\?>|.*)"
        r"|<!(?:[^>\"'\[]|\"[^\"]*\"|'[^']*'|\[(?:[^\]\"']|\"[^\"]*\"|'[^']*')*+\])*+>"
        rf"|<(?P<close>/?)(?P<name>{_NAME})(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>",
        re.DOTALL,
    )


def _elements(text: str, deadline: float) -> Iterator[Found]:
    """Every element that is opened and closed in its place."""
    open_: list[tuple[str, int]] = []
    at = text.find("<")
    while at >= 0:
        if time.thread_time() > deadline:
            raise ValueError(f"looking for XML in {len(text):,} characters took longer than {SECONDS:g} s.")
        tag = _tags().match(text, at)
        at = text.find("<", at + 1 if tag is None else tag.end())
        if tag is None or tag["name"] is None:
            continue
        around = open_[-1][1] if open_ else None
        if not tag["close"]:
            if tag["rest"].rstrip().endswith("/"):
                yield Found(tag.start(), tag.end(), around)
            else:
                open_.append((tag["name"], tag.start()))
        elif open_ and open_[-1][0] == tag["name"]:
            _, start = open_.pop()
            yield Found(start, tag.end(), open_[-1][1] if open_ else None)
        else:
            open_.clear()


def _ordered(found: list[Found]) -> list[Found]:
    """Rows of neighbours first, then the outermost elements by their place."""
    starts = {one.start for one in found}
    outer = sorted((one for one in found if one.parent not in starts), key=lambda one: (one.start, -one.end))
    rows: dict[int | None, list[Found]] = {}
    for one in outer:
        rows.setdefault(one.parent, []).append(one)
    whole = [Found(row[0].start, row[-1].end, parent) for parent, row in rows.items() if len(row) > 1]
    return [*whole, *outer]
