"""Marks in the prompt that a parser of the answers looks for: gone, or others now."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptctl.prompts.diff.marks import static
from promptctl.prompts.diff.messages import MessageDiff
from promptctl.prompts.diff.sentences import COMPARED, both_texts
from promptctl.prompts.prompt import Message, Prompt

_OUTPUT = re.compile(
    r"\b(answers?|respond|response|reply|replies|outputs?|returns?|print|emit|produce|wrap(?:ped)?|enclosed?|surround(?:ed)?|"
    r"formats?|formatted|put|inside|ends?|begins?|starts?|separated?|delimit(?:ed)?|prefix(?:ed)?|preceded?|json|xml)\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?([A-Za-z][\w-]{0,40})>")
_KEY = re.compile(r"[\"']([A-Za-z_][\w-]{0,40})[\"']\s*:")
_FENCE = re.compile(r"^[ \t]*```([\w-]{1,20})[ \t]*$", re.MULTILINE)
_LABEL = re.compile(
    r"(?:^[ \t>*-]{0,6}|[\"'`“])\*{0,2}([A-Z][\w ]{0,24}:)(?=\*{0,2}(?:[\"'`”\s]|$|<|\[))", re.MULTILINE
)
_QUOTED = re.compile(r"[\"'`“](#{2,}|-{3,}|={3,}|\*{3,}|~{3,}|\|{2,}|@@+|<\|\w+\|>)[\"'`”]")
_FORMAT = re.compile(r"(?<![`\w])(JSON|YAML|XML|CSV|TSV|HTML|Markdown|LaTeX)\b", re.IGNORECASE)
_KINDS: Mapping[str, re.Pattern[str]] = {
    "XML tag": _TAG,
    "JSON key": _KEY,
    "code fence": _FENCE,
    "label": _LABEL,
    "separator": _QUOTED,
    "format": _FORMAT,
}
_FORMS: Mapping[str, str] = {"XML tag": "<{}>", "JSON key": '"{}"', "code fence": "```{}"}
_JSON = re.compile("json", re.IGNORECASE)
_NEAR = 400  # characters of text that can lead to a mark
_MOST = 4  # marks that are named
_GAP = "\ufffc"  # stands for what a template puts in


Marks = Mapping[str, Mapping[str, bool]]  # kind -> mark -> whether the text near it speaks of output


def marker_warnings(old: Prompt, new: Prompt, messages: Sequence[MessageDiff]) -> list[str]:
    """Each a sentence with the number of its message."""
    compared = [found for found in messages if found.op in COMPARED]
    if not compared:
        return []
    wanted = [text for assertion in (*old.assertions, *new.assertions) for text in _strings(assertion)]
    present = _marks("\n".join(_static(found.new, new, both_texts(found)[1]) for found in messages))
    return [said for found in compared for said in _changed(found, old, new, wanted, present)]


def _changed(found: MessageDiff, old: Prompt, new: Prompt, wanted: Sequence[str], present: Marks) -> Iterator[str]:
    texts = both_texts(found)
    before, after = _marks(_static(found.old, old, texts[0])), _marks(_static(found.new, new, texts[1]))
    where = f"message {(found.new_index or 0) + 1}"
    for kind, marks in before.items():
        gone = [mark for mark in marks if mark not in present[kind]]
        came = [mark for mark, of_output in after[kind].items() if mark not in marks and of_output]
        looked_for = [mark for mark in gone if any(mark in text for text in wanted)]
        said = looked_for or ([mark for mark in gone if marks[mark]] if came else [])
        if not said:
            continue
        shown = ", ".join(_form(kind, mark) for mark in said[:_MOST]) + (" and others" if len(said) > _MOST else "")
        what = f"became {_form(kind, came[0])}" if len(said) == len(came) == 1 else "went"
        yield f"{where}: the output's {kind} {shown} {what}{'; an assertion looks for it' if looked_for else ''}"


def _form(kind: str, mark: str) -> str:
    return _FORMS.get(kind, "'{}'").format(mark)


def _marks(text: str) -> Marks:
    json = _JSON.search(text) is not None
    return {kind: _of_kind(kind, text, json=json) for kind in _KINDS}


def _of_kind(kind: str, text: str, *, json: bool) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for mark in _KINDS[kind].finditer(text):
        if kind == "XML tag" and _holds_input(text, mark.end()):
            continue
        name = mark[1].upper() if kind == "format" else mark[1]
        if not found.get(name):
            found[name] = json if kind == "JSON key" else _speaks_of_output(text, mark.start())
    return found


def _holds_input(text: str, end: int) -> bool:
    """Whether a tag stands round what a template puts in: that is the input's, not the answer's."""
    return text[end : end + 3].lstrip()[:1] == _GAP


def _speaks_of_output(text: str, place: int) -> bool:
    """Whether the line, or what leads to it, speaks of the answer."""
    start, first = place, max(0, place - _NEAR)
    for _ in range(3):
        start = max(text.rfind("\n", first, start), first)
    end = text.find("\n", place, place + _NEAR)
    return _OUTPUT.search(text, start, place + _NEAR if end < 0 else end) is not None


def _static(message: Message | None, prompt: Prompt, text: str) -> str:
    return text if message is None else static(text, prompt.language_of(message), _GAP)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for element in value.values():
            yield from _strings(element)
    elif isinstance(value, list | tuple):
        for element in value:
            yield from _strings(element)
