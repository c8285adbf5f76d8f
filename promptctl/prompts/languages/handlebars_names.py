"""A Handlebars tree -> the variables that it looks up, the partials that it names, the helpers that it calls.

The library that parses (see handlebars.py) has no such function; its tree is public, the functions that cut a path and
a call into their parts are not, hence the pin of its version.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dotpromptz_handlebars import Block, InlinePartial, Mustache, Node, Partial, PartialBlock, Program
from dotpromptz_handlebars._render import _call, _is_quoted, _number, _parts

from promptctl.prompts.languages import Analysis, Reference, TemplateProblem
from promptctl.prompts.languages.pieces import line_of

MAX_CALLS = 20  # subexpressions inside each other; each is parsed anew for every one around it

_TESTS = frozenset({"if", "unless"})
_ENTERS = frozenset({"each", "with"})
_BUILT_IN = _TESTS | _ENTERS
_CONSTANTS = frozenset({"true", "false", "null", "undefined"})


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a tag stands. `contexts`, outermost first, says of each whether it is the values; None: it may be.

    `params` are the names of `as |name|`, `tested` those that a surrounding #if has found to be there.
    """

    contexts: tuple[bool | None, ...] = (True,)
    params: frozenset[str] = frozenset()
    tested: frozenset[str] = frozenset()

    def entered(self, context: bool | None, params: Iterable[str]) -> "_Scope":  # noqa: FBT001 - one of three states
        return replace(self, contexts=(*self.contexts, context), params=self.params | frozenset(params))


@dataclass(slots=True)
class _Found:
    text: str
    helpers: frozenset[str]
    inline: frozenset[str]
    reading: frozenset[str]  # the helpers that read a variable of their own name
    required: set[str] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)
    references: list[Reference] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)

    def nodes(self, nodes: Program, scope: _Scope) -> None:
        for node in nodes:
            if isinstance(node, Mustache):
                self._printed(node.call, scope)
            elif isinstance(node, Block):
                self._block(node, scope)
            elif isinstance(node, Partial | PartialBlock):
                self._partial(node, scope)
            elif isinstance(node, InlinePartial):
                self.nodes(node.body, scope)

    def _printed(self, call: Mapping[str, Any], scope: _Scope) -> None:
        if call["name"] in self.helpers or call["args"] or call["hash"] or call["literal"]:
            self._called(call, scope, needed=True)
        else:
            self._token(call["name"], scope, needed=True)

    def _called(self, call: Mapping[str, Any], scope: _Scope, *, needed: bool, depth: int = 0) -> None:
        if call["name"] not in self.helpers:
            self.unknown[call["name"][:40]] = None
        if call["name"] in self.reading:
            self.optional.add(call["name"])
        for token in (*call["args"], *call["hash"].values()):
            self._token(token, scope, needed=needed, depth=depth)

    def _token(self, token: str, scope: _Scope, *, needed: bool, depth: int = 0) -> None:
        if token.startswith("(") and token.endswith(")"):
            if depth >= MAX_CALLS:
                raise TemplateProblem("nested too deeply", 1)
            self._called(_call(token[1:-1].strip()), scope, needed=needed, depth=depth + 1)
        elif not (_is_quoted(token) or token in _CONSTANTS or _number(token) is not None):
            self._path(token, scope, needed=needed)

    def _path(self, path: str, scope: _Scope, *, needed: bool) -> None:
        name, certain = _variable(path, scope)
        if name is not None:
            (self.required if needed and certain and name not in scope.tested else self.optional).add(name)

    def _block(self, node: Block, scope: _Scope) -> None:
        call, name = node.call, node.call["name"]
        inner = outer = scope
        if name in _BUILT_IN:
            tokens = (*call["args"], *call["hash"].values())
            for token in tokens:
                self._token(token, scope, needed=False)
            there = frozenset(filter(None, (_variable_of(token, scope) for token in tokens)))
            if name == "unless":
                outer = replace(scope, tested=scope.tested | there)
            else:
                inner = replace(scope, tested=scope.tested | there)
            if name in _ENTERS:
                inner = inner.entered(context=False, params=call["params"])
        elif name in self.helpers or call["args"] or call["hash"] or call["literal"]:
            self._called(call, scope, needed=True)
            inner = replace(scope, params=scope.params | frozenset(call["params"]))
        else:
            self._path(name, scope, needed=False)
            there = frozenset(filter(None, [_variable_of(name, scope)]))
            inner = replace(scope, tested=scope.tested | there).entered(context=None, params=call["params"])
        self.nodes(node.body, inner)
        self.nodes(node.inverse, outer)

    def _partial(self, node: Partial | PartialBlock, scope: _Scope) -> None:
        for token in (node.context_path, *node.hash.values()):
            if token is not None:
                self._token(token, scope, needed=True)
        if node.name.startswith("("):
            self._token(node.name, scope, needed=True)
        if isinstance(node, PartialBlock):
            self.nodes(node.body, scope)
        if node.name in self.inline or node.name == "@partial-block":
            return
        here = scope.contexts[-1]
        self.references.append(
            Reference(
                path=None if node.name.startswith("(") else node.name,
                line=line_of(self.text, _place(self.text, node.name)),
                optional=isinstance(node, PartialBlock),
                given=None if node.context_path is not None or here is False else frozenset(node.hash),
                loose=here is None,
            )
        )


def analysis(text: str, nodes: Program, helpers: Iterable[str], reading: frozenset[str]) -> Analysis:
    """The names and partials of a template; `helpers` are those that can be called, `reading` those of them that read
    a variable of their own name.
    """
    found = _Found(text, frozenset(helpers), frozenset(_inline(nodes)), reading)
    found.nodes(nodes, _Scope())
    return Analysis(
        variables=frozenset(found.required | found.optional),
        optional=frozenset(found.optional - found.required),
        references=tuple(found.references),
        refusals=tuple(f"unknown helper '{name}'" for name in found.unknown),
    )


def bodies(node: Node) -> Iterator[Program]:
    """The programs inside a node."""
    if isinstance(node, Block):
        yield node.body
        yield node.inverse
    elif isinstance(node, PartialBlock | InlinePartial):
        yield node.body


def _inline(nodes: Program) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, InlinePartial):
            yield node.name
        for body in bodies(node):
            yield from _inline(body)


def _variable_of(token: str, scope: _Scope) -> str | None:
    if token.startswith("(") or _is_quoted(token) or token in _CONSTANTS or _number(token) is not None:
        return None
    return _variable(token, scope)[0]


def _variable(path: str, scope: _Scope) -> tuple[str | None, bool]:
    """The variable that a path begins with, None where it begins elsewhere; and whether that is certain."""
    data = path.startswith("@")
    parts = _parts(path.removeprefix("@"))
    if data:
        return (parts[1] if parts[:1] == ["root"] and len(parts) > 1 else None), True
    climbed = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    named = [part for part in parts[climbed:] if part not in {".", "this"}]
    if climbed >= len(scope.contexts) or not named:
        return None, True
    context = scope.contexts[-1 - climbed]
    if context is False or (not climbed and named[0] in scope.params and parts[0] == named[0]):
        return None, True
    return named[0], context is True


def _place(text: str, name: str) -> int:
    found = re.search(rf"\{{\{{[~\s]*#?>\s*['\"]?{re.escape(name)}(?![\w/.-])", text)
    return found.start() if found else 0


_OPENING = re.compile(r"\{\{[{~]*\s*([#^/]|)[>*\s]*([^\s}~|]*)|\{\{!--")
_IGNORED = re.compile(r"\{\{~?!--.*?--~?\}\}|\{\{~?!.*?\}\}|\\\{\{", re.DOTALL)


def line_of_mistake(text: str) -> int:
    """The line of the first tag that nothing closes, or that closes nothing; 1 where it is not that."""
    within: list[tuple[str, int]] = []
    end = text.rfind("}}")
    plain = _IGNORED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text[: end + 2]) + text[end + 2 :]
    for tag in _OPENING.finditer(plain):
        if tag.end() > end:
            return line_of(text, tag.start())
        if tag[1] == "/" and (not within or within.pop()[0] != tag[2].strip("'\"")):
            return line_of(text, tag.start())
        if tag[1] in {"#", "^"} and tag[2]:
            name = "inline" if tag[2] == "inline" else tag[2].strip("'\"")
            within.append((name, tag.start()))
    return line_of(text, within[-1][1]) if within else 1
