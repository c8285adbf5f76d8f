"""Text from strangers -> text that no terminal, page or comment acts on."""

import re
from collections.abc import Callable

# Every character that moves the cursor, turns the line round, or cannot be seen: C0 and C1, soft hyphen, fillers, bidi
# marks, zero-width and format characters, tags, variation selectors, line separators, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_MARKS = re.compile(f"(?<={_MARK}{{4}}){_MARK}+")
_LONELY_MARK = re.compile(rf"(?:(?<=\s)|^){_MARK}")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_TICKS = re.compile("`+")

_JOINERS = "\u200c\u200d"
_EMOJI_STYLE = "\ufe0f"
_MARKUP_FREE_EMPTY = "*(empty)*"


def printable(text: str) -> str:
    r"""Control sequences, bidi marks and invisible characters as visible, inert signs; `\n` and `\t` stay.

    ESC becomes `␛`, U+202E becomes `\u202e`. Kept are the joiners where a script or an emoji needs them, and the
    emoji's own variation selector: without them ordinary Persian, Hindi and family emoji would be unreadable.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = _UNSEEN.sub(_sign, text)
    shown = _PILED_MARKS.sub(lambda found: _escapes(found[0]), shown)
    return _LONELY_MARK.sub(lambda found: _escapes(found[0]), shown)


def one_line(text: str) -> str:
    """The printable text with every run of white space as one blank."""
    return " ".join(printable(text).split())


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of a line, the last one an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: max(0, limit - 1)].rstrip() + "…"


def right_to_left(text: str) -> bool:
    """Whether a terminal may turn parts of the text round: then nothing may stand beside it."""
    return _RIGHT_TO_LEFT.search(text) is not None


def scalar_text(text: str) -> str:
    """The text with every lone surrogate replaced: what UTF-8 can hold. Two halves of a pair become one character."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def markdown_span(text: str, *, cell: bool = False) -> str:
    """One line as a code span that the text cannot close. `cell` escapes what would end a table's cell."""
    line = one_line(text)
    if not line:
        return _MARKUP_FREE_EMPTY
    ticks = "`" * _longer_than(line)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    span = f"{ticks}{pad}{line}{pad}{ticks}"
    return span.replace("|", "\\|") if cell else span


def markdown_fence(text: str, language: str = "text") -> str:
    """Several lines as a fenced block that the text cannot close. `language` is ours, never the text's."""
    ticks = "`" * max(3, _longer_than(text))
    return f"{ticks}{language}\n{printable(text)}\n{ticks}"


def _longer_than(text: str) -> int:
    """The shortest run of backticks that does not occur in the text."""
    runs = {len(run) for run in _TICKS.findall(text)}
    return max(runs, default=0) + 1


def _sign(found: re.Match[str]) -> str:
    character, before, after = (
        found[0],
        found.string[found.start() - 1 : found.start()],
        found.string[found.end() :][:1],
    )
    if character in _JOINERS and before and after and _joined(before, after, character):
        return character
    if character == _EMOJI_STYLE and before and _pictorial(before):
        return character
    if character < " ":
        return chr(0x2400 + ord(character))
    return "␡" if character == "\x7f" else _escapes(character)


def _joined(before: str, after: str, joiner: str) -> bool:
    if all("\u0600" <= neighbour < "\u1cff" for neighbour in (before, after)):
        return True
    return joiner == "\u200d" and _pictorial(after) and (before == _EMOJI_STYLE or _pictorial(before))


def _pictorial(character: str) -> bool:
    return "\u203c" <= character <= "\u3299" or "\U0001f000" <= character <= "\U0001faff"


def _escapes(text: str) -> str:
    return "".join(map(_escape, text))


_FORMS: tuple[tuple[int, Callable[[int], str]], ...] = (
    (0x100, lambda point: f"\\x{point:02x}"),
    (0x10000, lambda point: f"\\u{point:04x}"),
)


def _escape(character: str) -> str:
    point = ord(character)
    return next((form(point) for bound, form in _FORMS if point < bound), f"\\U{point:08x}")
