"""A place in a prompt's message, or one of its keys -> the line and column in its file."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from promptctl.documents import Path, parse_yaml
from promptctl.errors import FileError
from promptctl.prompts.analysis import texts_of
from promptctl.prompts.formats.frontmatter import split
from promptctl.prompts.lint.finding import Place
from promptctl.prompts.prompt import Prompt

_JSON_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_JSON_ESCAPE = re.compile(r"(?:\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\u[0-9a-f]{4}|\\.|[^\\])", re.IGNORECASE)
_BETWEEN = r"(?:\\[nrt]|\W){1,40}?"
_WORDS = 6  # of a passage, by which it is found again where its file writes it otherwise


class Places:
    """The files of one prompt, in which its texts are found again: verbatim, line by line, or by their words."""

    def __init__(self, prompt: Prompt, files: Mapping[str, str]) -> None:
        self.prompt = prompt
        self.files = files
        self._found: dict[tuple[int, int, int], Place] = {}

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """The texts of all messages: the message's number from 0, the text's number in it, the text."""
        for number, message in enumerate(self.prompt.messages):
            yield from ((number, part, text) for part, text in enumerate(texts_of(message)))

    def at(self, message: int, part: int, start: int, end: int) -> Place:
        """Where the characters from `start` to `end` of a message's text stand."""
        key = (message, part, start)
        if key not in self._found:
            self._found[key] = self._at(message, part, start, end)
        return self._found[key]

    def word(self, name: str) -> Place:
        """Where a template first uses a name: between braces, or after a dollar sign; else the whole file."""
        pattern = use_of(name)
        for message, part, text in self.texts():
            found = pattern.search(text)
            if found is not None:
                return self.at(message, part, found.start(1), found.end(1))
        return self.whole()

    def key(self, *path: str) -> Place | None:
        """Where a key is written: the first whose path ends so; None where no file has it."""
        for file, lines in self._keys.items():
            near = [whole for whole in lines if whole[-len(path) :] == path]
            if near:
                line = lines[min(near, key=len)]
                column = self.files[file].split("\n")[line - 1].find(path[-1]) + 1
                return Place(file, line, column or None)
        return None

    def whole(self) -> Place:
        """The prompt as such: where its first message begins, in a file that holds several."""
        line = self.prompt.messages[0].line if self.prompt.messages and ":" in self.prompt.name else 1
        return Place(self.prompt.path, line or 1)

    @cached_property
    def _keys(self) -> dict[str, Mapping[Path, int]]:
        return {path: _key_lines(text) for path, text in self.files.items()}

    def _at(self, message: int, part: int, start: int, end: int) -> Place:
        text = list(texts_of(self.prompt.messages[message]))[part]
        line = self.prompt.messages[message].line
        for path, source in self.files.items():
            found = (
                _verbatim(source, text, start, line)
                or _json(source, text, start)
                or _by_line(source, text, start, line)
            )
            if found is not None:
                return Place(path, *found)
        source = self.files.get(self.prompt.path, "")
        found = _by_words(source, text, start, end, line)
        return Place(self.prompt.path, *found) if found else Place(self.prompt.path, line or 1)


def use_of(name: str) -> re.Pattern[str]:
    """Where a template uses a name, its first group: near a brace before it, or a dollar sign."""
    return re.compile(rf"[{{$][^{{}}\n]{{0,200}}?(?<![\w.'\"])({re.escape(name)})(?!\w)")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _start(source: str, line: int | None) -> int:
    """The offset at which a line begins."""
    offset = 0
    for _ in range((line or 1) - 1):
        found = source.find("\n", offset)
        if found < 0:
            return 0
        offset = found + 1
    return offset


def _verbatim(source: str, text: str, start: int, line: int | None) -> tuple[int, int] | None:
    if "\n" not in text.strip("\n"):
        return None  # one line may stand in a comment too: line by line is as good, and knows where a text begins
    found = source.find(text, _start(source, line))
    return position(source, found + start) if found >= 0 else None


def _json(source: str, text: str, start: int) -> tuple[int, int] | None:
    if not source.lstrip().startswith(("{", "[", '"')):
        return None
    for literal in _JSON_TEXT.finditer(source):
        if len(literal[1]) < len(text):
            continue
        try:
            value = json.loads(literal[0])
        except ValueError:
            continue
        inside = value.find(text) if isinstance(value, str) else -1
        if inside >= 0:
            return position(source, literal.start(1) + _escaped(literal[1], inside + start))
    return None


def _escaped(raw: str, wanted: int) -> int:
    """The offset in a JSON literal of the character that is number `wanted` once it is read."""
    for number, one in enumerate(_JSON_ESCAPE.finditer(raw)):
        if number == wanted:
            return one.start()
    return len(raw)


def _by_line(source: str, text: str, start: int, line: int | None) -> tuple[int, int] | None:
    """The text's lines found one after the other, each inside a line of the file: indented texts, quoted lines."""
    lines = source.split("\n")
    at = (line or 1) - 1
    wanted, column = position(text, start)
    for number, own in enumerate(text.split("\n")[:wanted], 1):
        bare = own.strip()
        if not bare:
            continue
        while at < len(lines) and bare not in lines[at]:
            at += 1
        if at == len(lines):
            return None
        if number == wanted:
            inside = column - 1 - (len(own) - len(own.lstrip()))
            return at + 1, lines[at].index(bare) + max(inside, 0) + 1
        at += 1
    return None


def _by_words(source: str, text: str, start: int, end: int, line: int | None) -> tuple[int, int] | None:
    """The passage's words, whatever stands between them: folded and escaped texts. The n-th there is the n-th here."""
    words = re.findall(r"\w+", text[start:end])[:_WORDS]
    if not words:
        return None
    pattern = re.compile(_BETWEEN.join(map(re.escape, words)))
    before = sum(1 for _ in pattern.finditer(text, 0, start))
    for begin in dict.fromkeys((_start(source, line), 0)):
        found = [one.start() for one in pattern.finditer(source, begin)]
        if found:
            return position(source, found[min(before, len(found) - 1)])
    return None


def _key_lines(text: str) -> Mapping[Path, int]:
    """The lines of all keys in a YAML or JSON file, or in a front matter."""
    try:
        front = split(text, "", {})
        document = front[0] if front is not None else parse_yaml(text, "", tags={})
    except FileError:
        return {}
    return document.lines if isinstance(document.value, dict | list) else {}
