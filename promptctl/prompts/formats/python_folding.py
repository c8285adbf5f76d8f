"""An expression of Python -> the text, the messages or the mapping that it stands for. Nothing is run.

What comes from elsewhere (a parameter, an import, a call) is a slot in the text, named by its own source. A slot is
kept in the text as a token, so that strip, dedent and join do to it what they would do to any word.
"""

import ast
import inspect
import re
import string
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

_OPEN, _CLOSE = "\ue0e0", "\ue0e1"
_TOKEN = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_MAX_TEXT = 1024 * 1024
_MAX_DEPTH = 60
_MAX_NAME = 60
_BARE = re.compile(r"[^{}!:'\"\n\r]{1,60}")


class CannotFold(Exception):
    """An expression that stands for no text, and why; `line` is where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A text with its slots as tokens; `line` is where its expression begins."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class FoldedMessages:
    """A list of role and text; a text that is None stands for messages that a name brings, its role being that name."""

    messages: tuple[tuple[str, FoldedText | None], ...]
    line: int


Folded = FoldedText | FoldedMessages | dict[str, "Folded"]

_ROLES = {"human": "user", "ai": "assistant"}
_MESSAGE_CLASSES = {
    "SystemMessage": "system",
    "HumanMessage": "user",
    "AIMessage": "assistant",
    "SystemMessagePromptTemplate": "system",
    "HumanMessagePromptTemplate": "user",
    "AIMessagePromptTemplate": "assistant",
}
_TEMPLATE_CLASSES = frozenset({"PromptTemplate", "Template", "ChatPromptTemplate", "Prompt"})
_FROM = frozenset({"from_template", "from_messages", "from_string"})
_STRIPS: Mapping[str, Callable[..., str]] = {"strip": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip}


@dataclass(slots=True)
class Folder:
    """One scope: `names` are the expressions that its names are bound to, once each; `slots` what tokens stand for."""

    names: Mapping[str, ast.expr]
    slots: list[str] = field(default_factory=list)
    _known: dict[str, Folded | CannotFold] = field(default_factory=dict)
    _under_way: set[str] = field(default_factory=set)
    _depth: int = 0

    def within(self, names: Mapping[str, ast.expr]) -> "Folder":
        """An inner scope, whose names hide the outer ones; the slots are shared."""
        return Folder({**self.names, **names}, self.slots)

    def fold(self, node: ast.expr) -> Folded:
        """What an expression stands for. Raises CannotFold."""
        self._depth += 1
        try:
            if self._depth > _MAX_DEPTH:
                raise CannotFold("it is nested too deeply", node.lineno)
            return self._folded(node)
        finally:
            self._depth -= 1

    def text(self, node: ast.expr) -> str:
        """The text of an expression; one that stands for none is a slot."""
        try:
            found = self.fold(node)
        except CannotFold:
            return self._slot(node)
        if not isinstance(found, FoldedText):
            return self._slot(node)
        return found.text

    def template(self, text: str) -> tuple[str, bool]:
        """A text as a template of the language `format`, and whether it has slots; without any it is left as it is."""
        if not _TOKEN.search(text):
            return text, False
        parts = _TOKEN.split(text)
        shown = [
            f"{{{self.slots[int(part)]}}}" if place % 2 else part.replace("{", "{{").replace("}", "}}")
            for place, part in enumerate(parts)
        ]
        return "".join(shown), True

    def _folded(self, node: ast.expr) -> Folded:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _OPEN in node.value or len(node.value) > _MAX_TEXT:
                raise CannotFold("its text is too long, or holds characters of private use", node.lineno)
            return FoldedText(node.value, node.lineno)
        if isinstance(node, ast.JoinedStr):
            return FoldedText("".join(map(self._piece, node.values)), node.lineno)
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._sum(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.List | ast.Tuple):
            return self._messages(node)
        if isinstance(node, ast.Dict):
            return self._mapping(node)
        raise CannotFold(f"{_kind(node)} is no text that can be read without running it", node.lineno)

    def _named(self, node: ast.Name) -> Folded:
        bound = self.names.get(node.id)
        if bound is None:
            raise CannotFold(f"'{node.id}' comes from elsewhere", node.lineno)
        if node.id in self._under_way:
            raise CannotFold(f"'{node.id}' is made of itself", node.lineno)
        if node.id not in self._known:
            self._known[node.id] = self._bound(node.id, bound)
        found = self._known[node.id]
        if isinstance(found, CannotFold):
            raise found
        return found

    def _bound(self, name: str, bound: ast.expr) -> "Folded | CannotFold":
        self._under_way.add(name)
        try:
            return self.fold(bound)
        except CannotFold as error:
            return error
        finally:
            self._under_way.discard(name)

    def _sum(self, node: ast.BinOp) -> Folded:
        left, right = self._operand(node.left), self._operand(node.right)
        if isinstance(left, FoldedMessages) and isinstance(right, FoldedMessages):
            return FoldedMessages(left.messages + right.messages, left.line)
        if not isinstance(left, FoldedText) and not isinstance(right, FoldedText):
            raise CannotFold("a sum of values that are no texts", node.lineno)
        one, other = (self._as_text(side, part) for side, part in ((left, node.left), (right, node.right)))
        return FoldedText(_bounded(one + other, node), node.lineno)

    def _operand(self, node: ast.expr) -> Folded | None:
        try:
            return self.fold(node)
        except CannotFold:
            return None

    def _as_text(self, found: Folded | None, node: ast.expr) -> str:
        return found.text if isinstance(found, FoldedText) else self._slot(node)

    def _piece(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if not isinstance(node, ast.FormattedValue):
            return self._slot(node)
        plain = node.conversion == -1 and node.format_spec is None
        if plain and isinstance(node.value, ast.Name | ast.Constant | ast.JoinedStr):
            return self.text(node.value)
        conversion = "" if node.conversion == -1 else f"!{chr(node.conversion)}"
        spec = "".join(map(self._piece, node.format_spec.values)) if isinstance(node.format_spec, ast.JoinedStr) else ""
        simple = bool(spec) and not _TOKEN.search(spec) and "{" not in spec
        return self._slot(node.value, conversion, f":{spec}" if simple else "")

    def _slot(self, node: ast.expr, conversion: str = "", spec: str = "") -> str:
        self.slots.append(f"{_name_of(node)}{conversion}{spec}")
        return f"{_OPEN}{len(self.slots) - 1}{_CLOSE}"

    def _call(self, node: ast.Call) -> Folded:
        name = _called(node.func)
        if isinstance(node.func, ast.Attribute):
            found = self._method(node, node.func, name)
            if found is not None:
                return found
        if name in {"dedent", "cleandoc"} and len(node.args) == 1:
            change = textwrap.dedent if name == "dedent" else inspect.cleandoc
            return FoldedText(change(self._own_text(node.args[0])), node.lineno)
        if name == "str" and len(node.args) == 1:
            return self.fold(node.args[0])
        if name in _MESSAGE_CLASSES or name in _TEMPLATE_CLASSES:
            return self._constructed(node, name)
        raise CannotFold(f"a call of {name or 'something'} is not run", node.lineno)

    def _own_text(self, node: ast.expr) -> str:
        found = self.fold(node)
        if not isinstance(found, FoldedText):
            raise CannotFold("it is no text", node.lineno)
        return found.text

    def _method(self, node: ast.Call, function: ast.Attribute, name: str) -> Folded | None:
        """A method of a text, or of a class that makes prompts."""
        if name in _FROM and len(node.args) >= 1:
            role = _MESSAGE_CLASSES.get(_called(function.value))
            found = self.fold(node.args[0])
            if role and isinstance(found, FoldedText):
                return FoldedMessages(((role, found),), node.lineno)
            return found
        if name in _STRIPS and all(isinstance(argument, ast.Constant) for argument in node.args):
            values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            return FoldedText(_STRIPS[name](self._own_text(function.value), *map(str, values)), node.lineno)
        if name == "replace" and len(node.args) == 2:
            old, new = node.args
            if isinstance(old, ast.Constant) and isinstance(old.value, str) and old.value:
                return FoldedText(
                    _bounded(self._own_text(function.value).replace(old.value, self.text(new)), node), node.lineno
                )
        if name == "join" and len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple):
            parts = [self.text(item) for item in node.args[0].elts]
            return FoldedText(_bounded(self._own_text(function.value).join(parts), node), node.lineno)
        if name == "format":
            return FoldedText(self._formatted(node, self._own_text(function.value)), node.lineno)
        return None

    def _formatted(self, node: ast.Call, text: str) -> str:
        """A text and the fields that .format() fills: each is a slot, by its own name or by its argument's source."""
        pieces: list[str] = []
        automatic = 0
        try:
            for literal, name, spec, conversion in string.Formatter().parse(text):
                pieces.append(literal)
                if name is None:
                    continue
                head = re.split(r"[.\[]", name, maxsplit=1)[0]
                place = automatic if head == "" else int(head) if head.isdigit() else None
                automatic += head == ""
                shown = f"!{conversion}" if conversion else ""
                shown += f":{spec}" if spec and "{" not in spec else ""
                pieces.append(self._field(node, name, head, place, shown))
        except ValueError as error:
            raise CannotFold(f"it is no template of str.format: {error}", node.lineno) from None
        return _bounded("".join(pieces), node)

    def _field(self, node: ast.Call, name: str, head: str, place: int | None, shown: str) -> str:
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        argument = given.get(head) if place is None else node.args[place] if place < len(node.args) else None
        if argument is not None and name == head and not shown:  # a plain field, by name or place
            found = self._operand(argument)
            if isinstance(found, FoldedText):
                return found.text
        if argument is not None and place is not None:
            return self._slot(argument, shown)
        self.slots.append(f"{name}{shown}")
        return f"{_OPEN}{len(self.slots) - 1}{_CLOSE}"

    def _constructed(self, node: ast.Call, name: str) -> Folded:
        """SystemMessage(content=...), PromptTemplate(template=...), ChatPromptTemplate([...])."""
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        wanted = ("content", "prompt", "template", "messages", "text")
        value = next((named[key] for key in wanted if key in named), node.args[0] if node.args else None)
        if value is None:
            raise CannotFold(f"{name} holds no text", node.lineno)
        found = self.fold(value)
        role = _MESSAGE_CLASSES.get(name)
        if role and isinstance(found, FoldedText):
            return FoldedMessages(((role, found),), node.lineno)
        return found

    def _messages(self, node: ast.List | ast.Tuple) -> FoldedMessages:
        found: list[tuple[str, FoldedText | None]] = []
        for item in node.elts:
            found.extend(self._message(item))
        if not found:
            raise CannotFold("it is no list of messages", node.lineno)
        return FoldedMessages(tuple(found), node.lineno)

    def _message(self, node: ast.expr) -> Iterator[tuple[str, FoldedText | None]]:
        pair = self._role_and_content(node)
        if pair is not None:
            role, content = pair
            yield role, FoldedText(self.text(content), content.lineno)
            return
        if isinstance(node, ast.Starred):
            yield _name_of(node.value), None
            return
        found = self._operand(node)
        if isinstance(found, FoldedMessages):
            yield from found.messages
            return
        name = _called(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name == "MessagesPlaceholder":
            given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "variable_name")]
            if given and isinstance(given[0], ast.Constant):
                yield str(given[0].value), None
                return
        raise CannotFold("it is no list of messages", node.lineno)

    def _role_and_content(self, node: ast.expr) -> tuple[str, ast.expr] | None:
        if isinstance(node, ast.Dict):
            keys = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            role, content = keys.get("role"), keys.get("content")
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
            role, content = node.elts
        else:
            return None
        if isinstance(role, ast.Constant) and isinstance(role.value, str) and content is not None:
            known = _ROLES.get(role.value, role.value)
            return (known, content) if known in {"system", "user", "assistant", "developer", "tool"} else None
        return None

    def _mapping(self, node: ast.Dict) -> Folded:
        pair = self._role_and_content(node)
        if pair is not None:
            return FoldedMessages(((pair[0], FoldedText(self.text(pair[1]), pair[1].lineno)),), node.lineno)
        found: dict[str, Folded] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                folded = self._operand(value)
                if folded is not None:
                    found[key.value] = folded
        if not found:
            raise CannotFold("it holds no text by a name", node.lineno)
        return found


def _bounded(text: str, node: ast.expr) -> str:
    if len(text) > _MAX_TEXT:
        raise CannotFold("its text is longer than 1 MiB", node.lineno)
    return text


def _called(node: ast.expr) -> str:
    """The last name of what is called: `textwrap.dedent` -> dedent."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _name_of(node: ast.expr) -> str:
    """A slot's name: the expression's source where that is short and holds no braces or colons, else its words."""
    try:
        source = ast.unparse(node)
    except (RecursionError, ValueError):
        source = "value"
    if _BARE.fullmatch(source):
        return source
    return "_".join(re.findall(r"\w+", source))[:_MAX_NAME].strip("_") or "value"


def _kind(node: ast.expr) -> str:
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(node).__name__).lower()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
