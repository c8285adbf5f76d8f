"""Mustache text -> its tags as a tree: delimiters, lines of their own, comments and indents resolved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from promptctl.prompts.budget import MAX_DEPTH
from promptctl.prompts.languages import TemplateProblem

_BLANK_END = re.compile(r"[ \t]*(?:\r?\n|\Z)")
_NAME = re.compile(r"[^\s{}\"'<>=]+")
_DELIMITERS = re.compile(r"([^\s=]{1,20})\s+([^\s=]{1,20})")
_ALONE = frozenset("#^/!>=")
_SECTIONS = frozenset("#^")


@dataclass(frozen=True, slots=True)
class Variable:
    """`{{a.b}}`. The path of the value at hand (`.`) is empty."""

    path: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """`{{#a}}..{{/a}}`, or `{{^a}}..{{/a}}` where it is inverted."""

    path: tuple[str, ...]
    inverted: bool
    line: int
    nodes: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Partial:
    """`{{> name}}`; `indent` is what stands before it where it has a line of its own."""

    name: str
    indent: str
    line: int


Node = str | Variable | Section | Partial


@dataclass(frozen=True, slots=True)
class _Tag:
    kind: str
    body: str
    line: int
    indent: str


def parsed(text: str) -> list[Node]:
    """The tree; TemplateProblem where there is none."""
    top: list[Node] = []
    within: list[Section] = []
    for token in _tokens(text):
        nodes = within[-1].nodes if within else top
        if isinstance(token, str):
            if token:
                nodes.append(token)
        elif token.kind == "/":
            _close(token, within)
        elif token.kind in _SECTIONS:
            section = Section(_path(token), token.kind == "^", token.line)
            nodes.append(section)
            within.append(section)
            if len(within) > MAX_DEPTH:
                raise TemplateProblem("nested too deeply", token.line)
        elif token.kind == ">":
            nodes.append(Partial(_name(token), token.indent, token.line))
        else:
            nodes.append(Variable(_path(token), token.line))
    if within:
        raise TemplateProblem(f"nothing closes '{_opened(within[-1])}'", within[-1].line)
    return top


def _close(tag: _Tag, within: list[Section]) -> None:
    if not within:
        raise TemplateProblem(f"'{{{{/{tag.body[:40]}}}}}' closes nothing", tag.line)
    if within[-1].path != _path(tag):
        opened = _opened(within[-1])
        raise TemplateProblem(f"'{{{{/{tag.body[:40]}}}}}' stands where '{opened}' must be closed", tag.line)
    within.pop()


def _opened(section: Section) -> str:
    return f"{{{{{'^' if section.inverted else '#'}{'.'.join(section.path) or '.'}}}}}"


def _path(tag: _Tag) -> tuple[str, ...]:
    if tag.body == ".":
        return ()
    path = tuple(tag.body.split("."))
    if not _NAME.fullmatch(tag.body) or not all(path):
        hint = " (sections with a helper are Handlebars)" if tag.kind in _SECTIONS else ""
        raise TemplateProblem(f"'{tag.body[:40]}' is no name{hint}", tag.line)
    return path


def _name(tag: _Tag) -> str:
    if not _NAME.fullmatch(tag.body):
        raise TemplateProblem(f"'{tag.body[:40]}' is no name of a partial", tag.line)
    return tag.body


def _tokens(text: str) -> Iterator[str | _Tag]:
    opening, closing = "{{", "}}"
    position, line = 0, 1
    while (start := text.find(opening, position)) >= 0:
        before = text[position:start]
        line += before.count("\n")
        kind, inside, end = _tag(text, start + len(opening), closing, line)
        own_line = _BLANK_END.match(text, end) if kind in _ALONE and _begins_line(text, position, start) else None
        indent = before[before.rfind("\n") + 1 :] if own_line else ""
        yield before.removesuffix(indent)
        body = inside.strip()
        if kind == "=":
            opening, closing = _delimiters(body, line)
        elif kind != "!":
            yield _Tag(kind, body, line, indent)
        position = own_line.end() if own_line else end
        line += text.count("\n", start, position)
    yield text[position:]


def _begins_line(text: str, position: int, start: int) -> bool:
    """Whether only blanks stand between a tag and the beginning of its line. Text before `position` is read."""
    newline = text.rfind("\n", position, start)
    if newline < 0 and position and text[position - 1] != "\n":
        return False
    return not text[max(newline + 1, position) : start].strip(" \t")


def _tag(text: str, start: int, closing: str, line: int) -> tuple[str, str, int]:
    """A tag's kind, what stands in it, and where it ends."""
    kind = text[start : start + 1]
    if kind in {"<", "$"}:
        raise TemplateProblem(f"'{{{{{kind}' is not supported: parents and blocks are no part of every Mustache", line)
    closer = {"{": "}" + closing, "=": "=" + closing}.get(kind, closing)
    begin = start + 1 if kind and kind in "{&#^/>!=" else start
    end = text.find(closer, begin)
    if end < 0:
        raise TemplateProblem("a tag that nothing closes", line)
    return (kind if begin > start else ""), text[begin:end], end + len(closer)


def _delimiters(body: str, line: int) -> tuple[str, str]:
    found = _DELIMITERS.fullmatch(body)
    if found is None:
        raise TemplateProblem("delimiters are changed by two of them with a blank between, as in {{=<% %>=}}", line)
    return found[1], found[2]
