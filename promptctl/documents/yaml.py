"""YAML text -> Document: the core of YAML 1.2, bounded, every value with its line.

`true` and `false` are the booleans; `no`, `012`, `12:30:45` and dates stay text; `1e3` is a number; keys are always
text. Duplicate keys, unknown tags, alias bombs and deep nesting are refused.
"""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from promptctl.documents.json import finite
from promptctl.documents.text import MAX_BYTES, MAX_DEPTH, printable
from promptctl.errors import FileError, Problem

MAX_EXPANDED = 100_000  # values that exist only because an alias repeats them

Path = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_CONFLICT = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)
_TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep."
_TEMPLATE_HINT = 'Put quotes around a value that begins with a template: "{{ name }}".'


@dataclass(frozen=True)
class Document:
    """A value out of YAML. `lines` maps the path of every key and item to its line, counted from 1; () is the whole."""

    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Node:
    """`value` is text, a list of nodes, or a list of pairs of nodes. `plain`: neither quoted nor tagged."""

    value: Any
    line: int
    tag: str | None
    plain: bool = False
    unquoted: bool = False
    kind: str = "scalar"


def parse_yaml(text: str, where: str, *, first_line: int = 1, tags: MutableMapping[str, str] | None = None) -> Document:
    """YAML text -> Document; an empty text has the value None. `first_line` is the text's first line in its file.

    With `tags` those that are unknown are no mistake: they are kept there by the path of their value, which is read as
    if it had none. Nothing is ever constructed.
    """
    if len(text) > MAX_BYTES:
        raise FileError(Problem(where, f"is larger than {MAX_BYTES / 1024 / 1024:g} MiB."))
    root = _Composer(where, first_line).compose(text)
    if root is None:
        return Document(None)
    builder = _Builder(where, tags)
    value = builder.build(root, ())
    if builder.problems:
        raise FileError(builder.problems)
    return Document(value, builder.lines)


class _Composer:
    """Events -> nodes. Our own, because libyaml's composer recurses in C and crashes the process on deep nesting."""

    def __init__(self, where: str, first_line: int) -> None:
        self.where = where
        self.first_line = first_line
        self.anchors: dict[str, _Node] = {}

    def compose(self, text: str) -> _Node | None:
        import yaml  # 15 ms: only a command that reads YAML pays it

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            events = iter(yaml.parse(text, Loader=loader))
            return self._document(events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = self.first_line + mark.line if mark else None
            if "nesting depth" in str(error.problem):  # libyaml 0.2.6 has a bound of its own, which it may reach first
                self._refuse(_TOO_DEEP, line)
            conflict = _CONFLICT.search(text)
            if conflict is not None:
                line = self.first_line + text.count("\n", 0, conflict.start())
                self._refuse("holds the marks of a merge conflict.", line, "Resolve it, and take them out.")
            self._refuse(_syntax(error), line, _syntax_hint(error))
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            self._refuse(f"is not valid YAML: {printable(' '.join(str(error).split()), limit=120)}.", None)

    def _document(self, events: Iterator[Any]) -> _Node | None:
        root: _Node | None = None
        documents = 0
        for event in events:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    self._refuse("holds a second YAML document; one is expected.", self._line(event))
            elif name in {"ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"}:
                root = self._node(event, events, 0)
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> _Node:
        line = self._line(event)
        if depth > MAX_DEPTH:
            self._refuse(_TOO_DEEP, line)
        name = type(event).__name__
        if name == "AliasEvent":
            if event.anchor not in self.anchors:
                self._refuse(f"names an unknown anchor '{printable(event.anchor)}'.", line)
            return self.anchors[event.anchor]
        node = _Node(None, line, event.tag)
        if name == "ScalarEvent":
            node.value, node.plain, node.unquoted = event.value, event.implicit[0], not event.style
            self._anchor(event, node)
            return node
        items: list[_Node] = []
        # Its anchor is known only after its items: a node that holds itself names an unknown anchor.
        while not type(child := next(events)).__name__.endswith("EndEvent"):
            items.append(self._node(child, events, depth + 1))
        node.kind, node.value = "sequence", items
        if name == "MappingStartEvent":
            node.kind, node.value = "mapping", list(zip(items[::2], items[1::2], strict=True))
        self._anchor(event, node)
        return node

    def _anchor(self, event: Any, node: _Node) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = node

    def _line(self, event: Any) -> int:
        return self.first_line + int(event.start_mark.line)

    def _refuse(self, message: str, line: int | None, hint: str = "") -> NoReturn:
        raise FileError(Problem(self.where, message, line, hint)) from None


def _syntax(error: Any) -> str:
    context = f" {error.context}" if error.context else ""
    return f"is not valid YAML: {error.problem}{context}."


def _syntax_hint(error: Any) -> str:
    problem = str(error.problem)
    if "cannot start any token" in problem or "did not find expected" in problem:
        return f"Indent evenly with spaces. {_TEMPLATE_HINT}"
    if "mapping values are not allowed" in problem:
        return "Put quotes around a value that holds ': '."
    return ""


class _Builder:
    """Nodes -> plain values and their lines; mistakes are collected."""

    def __init__(self, where: str, tags: MutableMapping[str, str] | None) -> None:
        self.where = where
        self.tags = tags
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.seen: set[int] = set()
        self.expanded = 0

    def build(self, node: _Node, path: Path) -> Any:
        self._count(node, len(path))
        self.lines.setdefault(path, node.line)
        if node.kind == "scalar":
            return self._scalar(node, path)
        self._check_tag(node, "seq" if node.kind == "sequence" else "map", path)
        if node.kind == "sequence":
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return {key: self._entry(key, line, value, path) for key, (line, value) in self._pairs(node, 0).items()}

    def _entry(self, key: str, line: int, node: _Node, path: Path) -> Any:
        self.lines[(*path, key)] = line
        return self.build(node, (*path, key))

    def _count(self, node: _Node, depth: int) -> None:
        if id(node) in self.seen:
            self.expanded += 1 + (len(node.value) // 100 if node.kind == "scalar" else 0)
        self.seen.add(id(node))
        if self.expanded > MAX_EXPANDED:
            raise FileError(Problem(self.where, f"its aliases expand to more than {MAX_EXPANDED:,} values.", node.line))
        if depth > MAX_DEPTH:
            raise FileError(Problem(self.where, _TOO_DEEP, node.line))

    def _pairs(self, node: _Node, depth: int) -> dict[str, tuple[int, _Node]]:
        """A mapping's own keys, then those that `<<` brings: what stands in the mapping itself wins."""
        own: dict[str, tuple[int, _Node]] = {}
        merged: dict[str, tuple[int, _Node]] = {}
        for key, value in node.value:
            if key.kind != "scalar":
                self._problem("a key must be text.", key.line, _TEMPLATE_HINT)
            elif key.plain and key.value == "<<":
                for name, pair in self._merged(value, depth).items():
                    merged.setdefault(name, pair)
            elif key.value in own:
                first = own[key.value][0]
                self._problem(f"the key '{printable(key.value)}' stands here again, after line {first}.", key.line)
            else:
                own[key.value] = (key.line, value)
        return own | {name: pair for name, pair in merged.items() if name not in own}

    def _merged(self, node: _Node, depth: int) -> dict[str, tuple[int, _Node]]:
        self._count(node, depth)
        if node.kind == "mapping":
            self.expanded += len(node.value)
            return self._pairs(node, depth + 1)
        if node.kind == "sequence" and all(item.kind == "mapping" for item in node.value):
            found: dict[str, tuple[int, _Node]] = {}
            for item in node.value:
                self._count(item, depth)
                self.expanded += len(item.value)
                found = self._pairs(item, depth + 1) | found
            return found
        self._problem("'<<' takes a mapping, or a list of mappings.", node.line)
        return {}

    def _check_tag(self, node: _Node, expected: str, path: Path) -> None:
        if node.tag in {None, "!", _TAG + expected}:
            return
        if self.tags is None:
            self._problem(f"the tag '{_short(node.tag)}' is not supported.", node.line, "Write plain YAML values.")
        else:
            self.tags[".".join(map(str, path))] = _short(node.tag)

    def _scalar(self, node: _Node, path: Path) -> Any:
        text: str = node.value
        if node.plain and node.tag is None:
            return self._plain(text, node.line)
        if node.tag in {None, "!", _TAG + "str"}:
            return text
        value = self._plain(text, node.line)
        wanted = {"null": type(None), "bool": bool, "int": int, "float": (int, float)}.get(_short(node.tag)[2:])
        if wanted is None:
            self._check_tag(node, "str", path)
            return value if node.unquoted else text
        if not isinstance(value, wanted):  # type: ignore[arg-type] # a union of types, which the stub knows as object
            self._problem(f"'{printable(text)}' is no {_short(node.tag)}.", node.line)
        return value

    def _plain(self, text: str, line: int) -> Any:
        try:
            return plain_value(text)
        except ValueError:
            self._problem(f"the number '{printable(text, limit=20)}' is out of range.", line)
        return text

    def _problem(self, message: str, line: int, hint: str = "") -> None:
        self.problems.append(Problem(self.where, message, line, hint))


def _short(tag: str | None) -> str:
    text = tag or ""
    return printable("!!" + text.removeprefix(_TAG) if text.startswith(_TAG) else text)


def plain_value(text: str) -> Any:
    """What an unquoted YAML text stands for. Raises ValueError for a number out of range."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return finite(text) if _FLOAT.fullmatch(text) else text
