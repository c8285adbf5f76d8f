"""Two prompts -> variables that came, went, were renamed, made live, or died."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from promptctl.prompts.analysis import TemplateProblem, variables
from promptctl.prompts.diff.marks import Mark, marks, static
from promptctl.prompts.diff.matching import Match, matches
from promptctl.prompts.diff.messages import MessageDiff, text_of
from promptctl.prompts.diff.prompt_diff import Renamed, VariablesDiff
from promptctl.prompts.prompt import LITERAL, PLACEHOLDER, Message, Prompt

_NAME = re.compile(r"[A-Za-z_]\w*")
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_WORD = re.compile(r"\w+")
_NEAR = 2  # words before and after a name that say where it stands
_WINDOW = 100  # characters in which they are looked for
# A name in brackets of some kind: what people take for a variable.
_DEAD_NAME = r"(?:\{{1,3}\s*%s\s*\}{1,3}|\$\{?%s\b\}?|<\s*%s\s*>|\[\s*%s\s*\])"

Around = tuple[tuple[str, ...], tuple[str, ...]]


def variables_diff(old: Prompt | None, new: Prompt | None, messages: Sequence[MessageDiff]) -> VariablesDiff:
    """What became of the variables; `messages` says which message is which."""
    used_before, used_after = _used(old), _used(new)
    before, after = (
        used | frozenset(prompt.variables if prompt is not None else ())
        for used, prompt in ((used_before, old), (used_after, new))
    )
    came, went = after - before, before - after
    if old is None or new is None:
        return VariablesDiff(tuple(sorted(came)), tuple(sorted(went)))
    pairs = [_Pair(found, old, new) for found in messages]
    return VariablesDiff(
        added=tuple(sorted(came)),
        removed=tuple(sorted(went)),
        renamed=tuple(_renamed(pairs, went & used_before, came & used_after)),
        live=tuple(name for name in sorted(used_after) if any(pair.made_live(name) for pair in pairs)),
        dead=tuple(name for name in sorted(used_before) if any(pair.made_dead(name) for pair in pairs)),
    )


def _used(prompt: Prompt | None) -> frozenset[str]:
    try:
        return frozenset() if prompt is None else variables(prompt)
    except TemplateProblem:
        return frozenset()  # reading refuses such a prompt; one that was put together by hand may have it


class _Pair:
    """A message on both sides, as text that acts and text that does not."""

    def __init__(self, found: MessageDiff, old: Prompt, new: Prompt) -> None:
        self.old = _Text(found.old, old)
        self.new = _Text(found.new, new)

    def made_live(self, name: str) -> bool:
        """Whether a name that acts in the new text stood dead in the old one."""
        return _awoken(name, self.old, self.new)

    def made_dead(self, name: str) -> bool:
        """The reverse."""
        return _awoken(name, self.new, self.old)


class _Text:
    def __init__(self, message: Message | None, prompt: Prompt) -> None:
        self.text = "" if message is None else text_of(message)
        language = LITERAL if message is None else prompt.language_of(message)
        if message is not None and message.role == PLACEHOLDER:
            self.text, language = f"{{{{{self.text}}}}}", "mustache"
        self.language = language
        self.marks = list(marks(self.text, language))

    def names(self) -> list[str]:
        """The names in what acts, in order; those in strings are none."""
        return [name for mark in self.marks for name in _NAME.findall(_STRING.sub("", mark.text))]

    def dead(self) -> str:
        """The text with a gap for each place that acts."""
        return static(self.text, self.language, "\0")

    def surroundings(self, name: str) -> set[Around]:
        """The words next to each place where this name acts alone."""
        alone = (mark for mark in self.marks if _NAME.findall(mark.text) == [name])
        return {self._around(mark) for mark in alone}

    def _around(self, mark: Mark) -> Around:
        before, after = self.text[max(0, mark.start - _WINDOW) : mark.start], self.text[mark.end : mark.end + _WINDOW]
        return _words(static(before, self.language, " "), static(after, self.language, " "))


def _words(before: str, after: str) -> Around:
    return tuple(_WORD.findall(before)[-_NEAR:]), tuple(_WORD.findall(after)[:_NEAR])


def _awoken(name: str, dead: _Text, live: _Text) -> bool:
    if name not in live.names() or name in dead.names():
        return False
    text = dead.dead()
    quoted = re.escape(name)
    if re.search(_DEAD_NAME.replace("%s", quoted), text):
        return True
    around = live.surroundings(name)
    return any(
        _words(text[max(0, found.start() - _WINDOW) : found.start()], text[found.end() : found.end() + _WINDOW])
        in around
        for found in re.finditer(rf"\b{quoted}\b", text)
    )


def _renamed(pairs: Sequence[_Pair], went: AbstractSet[str], came: AbstractSet[str]) -> Iterator[Renamed]:
    """Names of which each place has the same other name now."""
    if not went or not came:
        return
    found: Counter[tuple[str, str]] = Counter()
    places_old: Counter[str] = Counter()
    places_new: Counter[str] = Counter()
    for pair in pairs:
        old, new = pair.old.names(), pair.new.names()
        places_old.update(name for name in old if name in went)
        places_new.update(name for name in new if name in came)
        found.update((one, other) for one, other in _counterparts(old, new) if one in went and other in came)
    for (one, other), times in sorted(found.items()):
        if times == places_old[one] == places_new[other]:
            yield Renamed(one, other)


def _counterparts(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Names at the same places: between the ones that stayed, as many went as came."""
    i = j = 0
    for match in [*matches(old, new), Match(len(old), len(new), 0)]:
        if match.i - i == match.j - j:
            yield from zip(old[i : match.i], new[j : match.j], strict=True)
        i, j = match.i + match.size, match.j + match.size
