"""What makes the Handlebars library pay the budget: programs and values that charge for each use.

The library bounds depth and nothing else, and has no hook. So its tree is rebuilt of lists that charge for every node
rendered, and the values are shown to it through views that charge for every element of a loop and every text printed.
"""

from collections.abc import Collection, ItemsView, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from dotpromptz_handlebars import Block, HelperFn, HelperOptions, InlinePartial, Node, Partial, PartialBlock, Program
from dotpromptz_handlebars import Text as Literal

from promptctl.prompts.budget import MACRO, MAX_OUTPUT, Refused, current
from promptctl.prompts.languages.handlebars_names import bodies
from promptctl.prompts.substitution import UndefinedName

_NODE = 100  # characters' worth of rendering a tag
_PRINTED = 16  # of printing one character: what is printed may be copied once a level
_LARGE = 64  # bits of a number that is short enough not to be counted

_Key = TypeVar("_Key")


class _Charging(list[Node]):
    """A program that pays for every node that is rendered."""

    def __init__(self, nodes: Program, longest: int) -> None:
        rebuilt = [_charging(node, longest) for node in nodes]
        super().__init__(rebuilt)
        self._prices = [_price(node) + _PRINTED * longest for node in rebuilt]

    def __iter__(self) -> Iterator[Node]:
        budget = current()
        for node, price in zip(super().__iter__(), self._prices, strict=True):
            budget.work(price)
            yield node


class _Indent(str):
    """What is put before every line of a partial; it pays for each."""

    __slots__ = ()

    def __add__(self, line: str) -> str:
        current().work(len(self) + len(line))
        return super().__add__(line)


def charging(programs: Mapping[str, Program]) -> dict[str, Program]:
    """The same programs, which pay as they are rendered."""
    # A text written in a tag can be printed by a partial that it is given to: any tag pays for the longest.
    longest = max(map(_longest, programs.values()), default=0)
    return {name: _Charging(program, longest) for name, program in programs.items()}


def _longest(program: Program) -> int:
    longest = 0
    for node in program:
        call = getattr(node, "call", None) or {"args": (), "hash": getattr(node, "hash", {})}
        longest = max([longest, *map(len, (*call["args"], *call["hash"].values()))])
        longest = max([longest, *map(_longest, bodies(node))])
    return longest


def _charging(node: Node, longest: int) -> Node:
    if isinstance(node, Block):
        return Block(node.call, _Charging(node.body, longest), _Charging(node.inverse, longest))
    if isinstance(node, PartialBlock):
        return PartialBlock(node.name, _Charging(node.body, longest), node.context_path, node.hash)
    if isinstance(node, InlinePartial):
        return InlinePartial(node.name, _Charging(node.body, longest))
    if isinstance(node, Partial):
        return Partial(node.name, node.context_path, node.hash, _Indent(node.indent))
    return node


def _price(node: Node) -> int:
    if isinstance(node, Literal):
        return _NODE + _PRINTED * len(node.value)
    if isinstance(node, Partial | PartialBlock | InlinePartial):
        return MACRO
    call = getattr(node, "call", {})
    # Paths and calls are cut into their parts whenever they are rendered.
    return _NODE + sum(map(len, (call["name"], *call["args"], *call["hash"].values())))


class _Printed(str):
    """A text that pays when it is printed."""

    __slots__ = ()

    def __str__(self) -> str:
        current().work(_PRINTED * len(self))
        return super().__str__()


class _Elements(Sequence[Any]):
    """A list, seen by the library."""

    def __init__(self, value: Sequence[Any]) -> None:
        self.value = value

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, index: Any) -> Any:
        return shown(self.value[index])

    def __iter__(self) -> Iterator[Any]:
        budget = current()
        for element in self.value:
            budget.round()
            yield shown(element)


class _Items(ItemsView[_Key, Any]):
    def __iter__(self) -> Iterator[tuple[_Key, Any]]:
        budget = current()
        for item in super().__iter__():
            budget.round()
            yield item


class _Entries(Mapping[str, Any]):
    """A mapping, seen by the library."""

    def __init__(self, value: Mapping[str, Any], required: Collection[str] = ()) -> None:
        self.value = value
        self._required = required

    def __len__(self) -> int:
        return len(self.value)

    def __contains__(self, key: object) -> bool:
        if key in self.value:
            return True
        # An argument of a helper that is absent would be empty to the library, whatever its strictness.
        if key in self._required:
            raise UndefinedName(str(key))
        return False

    def __getitem__(self, key: str) -> Any:
        return shown(self.value[key])

    def __iter__(self) -> Iterator[str]:
        current().work(len(self.value))
        return map(_Printed, self.value)

    def items(self) -> ItemsView[str, Any]:
        return _Items(self)


def root(values: Mapping[str, Any], required: Collection[str]) -> Mapping[str, Any]:
    """All values, seen by the library; UndefinedName where one of those required is looked for and absent."""
    return _Entries(values, required)


def shown(value: Any) -> Any:
    """A value, seen by the library."""
    if type(value) is str:
        current().work(len(value))  # it is copied
        return _Printed(value)
    if isinstance(value, Mapping):
        return _Entries(value)
    if isinstance(value, list | tuple):
        return _Elements(value)
    if isinstance(value, int) and value.bit_length() > _LARGE:
        return _Printed(value)
    return value


def plain(value: Any) -> Any:
    """The value itself."""
    return value.value if isinstance(value, _Entries | _Elements) else value


def paid(helper: HelperFn) -> HelperFn:
    """A helper that is given the values themselves, and pays for them and for its result."""

    def called(arguments: list[Any], options: HelperOptions) -> Any:
        budget = current()
        budget.call()
        given = [plain(argument) for argument in arguments]
        options.hash = {name: plain(value) for name, value in options.hash.items()}
        for value in (*given, *options.hash.values()):
            budget.work(budget.weight(value))
        found = helper(given, options)
        if isinstance(found, str):
            if len(found) > MAX_OUTPUT:
                raise Refused("a text of more than 5 MiB")
            # What a block prints has been paid for inside it.
            budget.work(len(found) if options.is_block else _PRINTED * len(found))
            return found
        return shown(found)

    return cast("HelperFn", called)
