"""Mustache, without lambdas and without HTML: what the specification's core says of everything else.

It is an own small one because no library can be held to the rules of this package: chevron keeps its state in module
globals and reads partials from the disk, pystache calls what it finds in the values; both escape, and know no bound on
loops, depth or output.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptctl.prompts.budget import MACRO, Refused, current
from promptctl.prompts.languages import Analysis, Reference, TemplateProblem, Text
from promptctl.prompts.languages.mustache_tree import Node, Partial, Section, Variable, parsed
from promptctl.prompts.languages.pieces import blank_if_none, together
from promptctl.prompts.substitution import UndefinedName

EXTENSIONS = (".mustache", ".txt", ".md")
_NODE = 100  # characters' worth of rendering a tag
_LINE = re.compile(r"^(?=[^\r\n])", re.MULTILINE)


def candidates(name: str) -> Iterator[str]:
    """A partial's path as it is written; with an extension; with an underscore before its last part."""
    folder, slash, last = name.rpartition("/")
    for stem in (last,) if last.startswith("_") else (last, f"_{last}"):
        yield from (f"{folder}{slash}{stem}{extension}" for extension in ("", *EXTENSIONS))


def analyse(text: str) -> Analysis:
    """The names; those looked up inside a section are optional, as what it enters may have them."""
    nodes = parsed(text)
    required, optional = set[str](), set[str]()
    for path, needed in _names(nodes, frozenset(), inside=False):
        (required if needed else optional).add(path)
    return Analysis(
        variables=frozenset(required | optional),
        optional=frozenset(optional - required),
        references=tuple(_references(nodes, inside=False)),
    )


def _names(nodes: Sequence[Node], tested: frozenset[str], *, inside: bool) -> Iterator[tuple[str, bool]]:
    """Each name, and whether rendering fails where it is absent."""
    for node in nodes:
        if isinstance(node, Variable) and node.path:
            yield node.path[0], not inside and node.path[0] not in tested
        elif isinstance(node, Section):
            names = frozenset(node.path[:1])
            yield from ((name, False) for name in names)
            # What stands in an inverted section is rendered where the name is absent.
            guarded = tested if node.inverted else tested | names
            yield from _names(node.nodes, guarded, inside=inside or not node.inverted)


def _references(nodes: Sequence[Node], *, inside: bool) -> Iterator[Reference]:
    for node in nodes:
        if isinstance(node, Partial):
            yield Reference(node.name, node.line, loose=inside)
        elif isinstance(node, Section):
            yield from _references(node.nodes, inside=inside or not node.inverted)


def compiled(text: str, partials: Mapping[str, str]) -> Text:
    """The template as a function of its values."""
    nodes = parsed(text)
    files = _Files(partials)
    return lambda values: together(_rendered(nodes, (values,), files))


class _Files:
    """The partials, each parsed once for every indent that it is included with."""

    def __init__(self, partials: Mapping[str, str]) -> None:
        self._partials = partials
        self._parsed: dict[tuple[str, str], list[Node]] = {}

    def nodes(self, name: str, indent: str, line: int) -> list[Node]:
        if (name, indent) not in self._parsed:
            path = next((path for path in candidates(name) if path in self._partials), None)
            if path is None:
                raise TemplateProblem(f"there is no partial '{name}'", line)
            text = self._partials[path]
            current().string(len(text) + (text.count("\n") + 1) * len(indent))
            self._parsed[name, indent] = parsed(_LINE.sub(lambda _start: indent, text) if indent else text)
        return self._parsed[name, indent]


def _rendered(nodes: Sequence[Node], stack: tuple[Any, ...], files: _Files) -> Iterator[str]:
    budget = current()
    for node in nodes:
        budget.work(_NODE)
        if isinstance(node, str):
            yield node
        elif isinstance(node, Variable):
            yield blank_if_none(_value(node, stack))
        elif isinstance(node, Partial):
            budget.call()
            budget.work(MACRO)
            yield from _rendered(files.nodes(node.name, node.indent, node.line), stack, files)
        else:
            yield from _section(node, stack, files)


def _section(node: Section, stack: tuple[Any, ...], files: _Files) -> Iterator[str]:
    value = _tested(node, stack)
    if callable(value):
        raise Refused("a function among the values is not called")
    false = value is None or value is False or (not value and not isinstance(value, Mapping))
    if node.inverted:
        if false:
            yield from _rendered(node.nodes, stack, files)
        return
    if false:
        return
    for element in value if isinstance(value, list | tuple) else (value,):
        current().round()
        yield from _rendered(node.nodes, (*stack, element), files)


def _value(node: Variable, stack: tuple[Any, ...]) -> Any:
    if not node.path:
        return stack[-1]
    found, value = _found(node.path, stack)
    if found == len(node.path):
        return value
    if not found:
        raise UndefinedName(node.path[0])
    raise TemplateProblem(f"'{'.'.join(node.path[:found])}' has no element '{node.path[found]}'", node.line)


def _tested(node: Section, stack: tuple[Any, ...]) -> Any:
    if not node.path:
        return stack[-1]
    found, value = _found(node.path, stack)
    return value if found == len(node.path) else None


def _found(path: tuple[str, ...], stack: tuple[Any, ...]) -> tuple[int, Any]:
    """How many of a path's parts there are, and the value of the last of them.

    The innermost value that has the first part decides: the rest is looked up in it, or nowhere.
    """
    holder = next((one for one in reversed(stack) if isinstance(one, Mapping) and path[0] in one), None)
    if holder is None:
        return 0, None
    value = holder[path[0]]
    for number, part in enumerate(path[1:], 1):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list | tuple) and part.isascii() and part.isdigit() and int(part[:9]) < len(value):
            value = value[int(part[:9])]
        else:
            return number, value
    return len(path), value
