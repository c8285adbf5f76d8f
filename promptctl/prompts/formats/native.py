"""A YAML file -> Prompt."""

from promptctl.documents import Fields, decode, parse_yaml
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.fields import prompt_of
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.prompt import Prompt


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    document = parse_yaml(text, file.path, tags=file.tags)
    if document.value is None:
        raise InvalidPrompt(Problem(file.path, "is empty.", hint="A prompt needs 'messages'."))
    return prompt_of(file, Fields(document, file.path), lines=text.split("\n"))
