"""What one rendering may cost: loop rounds, calls, characters. Every bound is deterministic; there is no clock.

A template and its values are data from strangers, and a few characters of Jinja can ask for terabytes. So whatever
makes a new value pays for it before it is made, out of a purse that belongs to one rendering.
"""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from contextlib import contextmanager
from contextvars import ContextVar
from types import GeneratorType
from typing import Any

MAX_OUTPUT = 5 * 1024 * 1024  # characters of one string, and of all messages together
MAX_ROUNDS = 100_000  # rounds of all loops together
MAX_CALLS = 100_000  # filters, tests, macros, methods, includes
MAX_WORK = 100_000_000  # characters read or made by operations; an element of a list counts as eight
MACRO = 5_000  # characters' worth of a macro's call or an include, which can call themselves twice
MAX_WIDTH = 1_000  # of a padded or formatted number
MAX_BITS = 4_096  # of an integer that a template computes
MAX_DEPTH = 100  # sections inside each other
_ELEMENT = 8

_CONTAINERS = (list, tuple, set, frozenset, KeysView, ValuesView, ItemsView)


class Refused(Exception):
    """The sandbox's no, in one line."""


class Budget:
    """The purse of one rendering."""

    def __init__(self) -> None:
        self._rounds = 0
        self._calls = 0
        self._work = 0
        self._output = 0
        # Containers weighed before, kept alive so that an id is never reused: nested sharing ([x, x] again and again)
        # is then weighed in linear time, though it stands for exponentially many elements.
        self._weights: dict[int, tuple[int, object]] = {}

    def round(self) -> None:
        """One more round of a loop."""
        self._rounds += 1
        if self._rounds > MAX_ROUNDS:
            raise Refused(f"more than {MAX_ROUNDS:,} loop rounds in one rendering")

    def call(self) -> None:
        """One more call of a filter, a test, a macro, a method or an included template."""
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise Refused(f"more than {MAX_CALLS:,} calls in one rendering")

    def string(self, length: int) -> None:
        """Pay for a string of `length` characters before it is made."""
        if length > MAX_OUTPUT:
            raise Refused("a text of more than 5 MiB")
        self.work(length)

    def work(self, amount: int) -> None:
        """Pay for `amount` characters that are read or made."""
        self._work += amount
        if self._work > MAX_WORK:
            raise Refused("more work than one rendering may do")

    def output(self, length: int) -> None:
        """Pay for `length` characters of a rendered message."""
        self._output += length
        if self._output > MAX_OUTPUT:
            raise Refused("more than 5 MiB of output")

    def weight(self, value: object) -> int:
        """The size of a value, shared parts counted as often as they would be printed."""
        if isinstance(value, str | bytes):
            return len(value)
        if isinstance(value, range):
            return _ELEMENT * len(value)
        if not isinstance(value, (Mapping, *_CONTAINERS)):
            return _ELEMENT
        known = self._weights.get(id(value))
        if known is not None:
            return known[0]
        total = _ELEMENT + sum(_ELEMENT + self.weight(element) for element in _elements(value))
        self._weights[id(value)] = (total, value)
        return total

    def admit(self, value: Any) -> Any:
        """The value, paid for."""
        if isinstance(value, str):
            self.string(len(value))
        else:
            self.work(self.weight(value))
        return value


def _elements(value: Iterable[Any]) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, element in value.items():
            yield key
            yield element
    else:
        yield from value


_current: ContextVar[Budget] = ContextVar("budget")


@contextmanager
def purse() -> Iterator[Budget]:
    """A new budget, in force within the block."""
    token = _current.set(Budget())
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def current() -> Budget:
    """The budget in force; a bounded one of its own where nothing is being rendered."""
    try:
        return _current.get()
    except LookupError:
        return Budget()


def printed(value: Any) -> str:
    """A value as a template prints it: as Python's str does, where that says the same on every run."""
    if isinstance(value, str):
        return value
    if isinstance(value, GeneratorType):
        raise Refused("a lazy sequence cannot be printed; add |list or |join")
    # Jinja's undefined values can be "called" too; their own str says which one it is.
    if callable(value) and not hasattr(value, "_undefined_name"):
        raise Refused("a method or macro cannot be printed; call it")
    if getattr(type(value), "__repr__", None) is object.__repr__:
        raise Refused(f"a {type(value).__name__} cannot be printed; pass text, numbers, lists and mappings")
    current().admit(value)
    return str(value)
