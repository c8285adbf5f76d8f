"""A pattern of fabric's -> Prompt: a folder with system.md and, perhaps, user.md.

What fabric is given goes where `{{input}}` stands, else behind user.md. Braces that name nothing are text.
"""

import re

from promptctl.documents import decode
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, prompt_from
from promptctl.prompts.prompt import Message, Prompt

_INPUT = re.compile(r"\{\{\s*input\s*\}\}")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError where a file is no text, or both are empty."""
    system = decode(file.data, file.path)
    user = file.beside("user.md") or ""
    messages = [Message("system", system, line=1)] if system.strip() else []
    asked = user if _INPUT.search(user) else "\n".join(part for part in (user.rstrip(), _appended(system)) if part)
    if asked.strip():
        messages.append(Message("user", asked, line=1))
    if not system.strip() and not user.strip():
        messages = []
    return prompt_from(file, Found(messages, language="fabric"), "fabric")


def _appended(system: str) -> str:
    return "" if _INPUT.search(system) else "{{input}}"
