"""ChatML text (`<|im_start|>role`, `<|im_end|>`) -> Prompt."""

import re

from promptctl.documents import decode, printable
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, prompt_from, role_of
from promptctl.prompts.formats.signs import language_by_signs
from promptctl.prompts.prompt import ROLES, Message, Prompt

_START = re.compile(r"<\|im_start\|>[ \t]*([A-Za-z_]*)[^\n]*\n?")
_END = "<|im_end|>"


def read(file: PromptText) -> Prompt:
    """The prompt; InvalidPrompt with every mistake. An open `assistant` at the end asks for the answer: no message."""
    text = decode(file.data, file.path)
    starts = list(_START.finditer(text))
    problems: list[Problem] = []
    messages: list[Message] = []
    if starts and text[: starts[0].start()].strip():
        problems.append(Problem(file.path, "holds text before its first <|im_start|>.", 1, "Put it into a message."))
    for start, following in zip(starts, [*starts[1:], None], strict=False):
        end = len(text) if following is None else following.start()
        line = text.count("\n", 0, start.start()) + 1
        content, closed, rest = text[start.end() : end].partition(_END)
        role = role_of(start[1])
        if role is None:
            hint = f"One of {', '.join(ROLES)}."
            problems.append(Problem(file.path, f"unknown role '{printable(start[1])}'.", line, hint))
        elif rest.strip():
            problems.append(Problem(file.path, "holds text between two messages.", line, "Put it into a message."))
        elif closed or end < len(text) or role != "assistant" or content.strip():
            messages.append(Message(role, content.strip("\n"), line=line + 1))
    if problems:
        raise InvalidPrompt(problems)
    return prompt_from(file, Found(messages, language=language_by_signs(text)), "chatml")
