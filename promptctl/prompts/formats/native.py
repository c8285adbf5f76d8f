"""A YAML file -> Prompt."""

from promptctl.documents import Fields, decode, parse_yaml
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.fields import prompt_of
from promptctl.prompts.partials import Include
from promptctl.prompts.prompt import Prompt


def read(name: str, path: str, data: bytes, include: Include) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(data, path)
    document = parse_yaml(text, path)
    if document.value is None:
        raise InvalidPrompt(Problem(path, "is empty.", hint="A prompt needs 'messages'."))
    return prompt_of(name, path, Fields(document, path), include, lines=text.split("\n"))
