"""LiteLLM's `.prompt` file -> Prompt: Jinja, parameters at the top of the front matter, `User:` at the start of a line.

LiteLLM itself escapes HTML in the values and loses the parameters; here the values are left alone, and the parameters
are sent, which is what the file says.
"""

import re
from typing import Any

from promptctl.documents import decode
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, params_of, prompt_from
from promptctl.prompts.formats.properties import schema_format, schema_variables
from promptctl.prompts.formats.split import front_matter
from promptctl.prompts.prompt import JINJA, Message, Prompt, Variable

_ROLE = re.compile(r"^(System|User|Assistant|Developer):[ \t]*", re.MULTILINE)
_OWN = ("model", "input", "output", "description", "name", "template_id", "version", "optional_params")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    keys, body, first_line = front_matter(decode(file.data, file.path), file.path, file.tags)
    optional = keys.get("optional_params")
    params, warnings = params_of({**keys, **(optional if isinstance(optional, dict) else {})}, ignored=_OWN)
    model = keys.get("model")
    found = Found(
        _messages(body, first_line),
        language=JINJA,
        description=str(keys.get("description") or ""),
        model=model if isinstance(model, str) and model else None,
        params=params,
        variables=_variables(keys),
        response_format=_response_format(keys),
        warnings=warnings,
    )
    return prompt_from(file, found, "litellm")


def _messages(body: str, first_line: int) -> list[Message]:
    """Cut at the roles before rendering, so that no value makes one. Each line is stripped, as LiteLLM does it."""
    marks = list(_ROLE.finditer(body))
    if not marks:
        text = body.strip()
        return [Message("user", text, line=first_line)] if text else []
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    found = []
    for mark, end in zip(marks, ends, strict=True):
        text = "\n".join(line.strip() for line in body[mark.end() : end].split("\n")).strip()
        if text:
            found.append(Message(mark[1].lower(), text, line=first_line + body.count("\n", 0, mark.start())))
    return found


def _variables(keys: dict[str, Any]) -> dict[str, Variable]:
    declared = keys.get("input")
    schema = declared.get("schema") if isinstance(declared, dict) else None
    return schema_variables(schema if isinstance(schema, dict) else {})


def _response_format(keys: dict[str, Any]) -> dict[str, Any] | None:
    declared = keys.get("output")
    if not isinstance(declared, dict) or declared.get("format") != "json":
        return None
    return schema_format(declared.get("schema"))
