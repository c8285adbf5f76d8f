"""Templates of nothing but text and `{{ name }}`: most prompts, understood without importing Jinja."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from promptctl.prompts.budget import printed

MARKS = ("{{", "{%", "{#")
_NAME = re.compile(r"\{\{[ \t\r\n]*([A-Za-z_][A-Za-z0-9_]*)[ \t\r\n]*\}\}")
_NEWLINE = re.compile(r"\r\n?")
# Names with a meaning of their own in Jinja, and the sandbox's globals: those templates go to Jinja itself.
_RESERVED_WORDS = (
    "and or not in is if else elif true false none True False None self super loop caller varargs kwargs "
    "range dict namespace cycler joiner"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())


class UndefinedName(Exception):
    """A name that the values lack."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Substitution:
    """`parts` alternates text and names, text first: text, name, text, name, text."""

    parts: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables."""
        return frozenset(self.parts[1::2])

    @property
    def single(self) -> str | None:
        """The name, where the template is that one expression and nothing else."""
        before, *rest = self.parts
        return rest[0] if len(rest) == 2 and not before and not rest[1] else None

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with its values; UndefinedName for the first that is absent."""
        pieces = list(self.parts)
        for index in range(1, len(pieces), 2):
            name = pieces[index]
            if name not in values:
                raise UndefinedName(name)
            pieces[index] = printed(values[name])
        return "".join(pieces)


def is_static(text: str) -> bool:
    """Whether a text has nothing that Jinja would act on."""
    return not any(mark in text for mark in MARKS)


def with_unix_newlines(text: str) -> str:
    """The text with the line ends that Jinja gives it."""
    return _NEWLINE.sub("\n", text) if "\r" in text else text


@lru_cache(maxsize=4096)
def substitution(text: str) -> Substitution | None:
    """The template as a Substitution; None where it takes Jinja."""
    parts = tuple(_NAME.split(text))
    texts, names = parts[0::2], parts[1::2]
    if not _RESERVED.isdisjoint(names) or not all(map(is_static, texts)):
        return None
    # "{{{ name }}" opens at its first brace, and is a mapping to Jinja.
    if any(before.endswith("{") for before in texts[:-1]):
        return None
    return Substitution(tuple(with_unix_newlines(part) for part in parts))
