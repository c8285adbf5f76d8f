"""Two versions of one file, as git hands them over -> what its diff shows. There is no repository here, only bytes."""

from dataclasses import replace
from pathlib import PurePosixPath

from promptctl.errors import InvalidPrompt
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.prompt import Prompt


def prompt_of(path: str, data: bytes) -> Prompt:
    """The prompt in a file. Raises InvalidPrompt.

    Which revision it is of git does not say: partials are not resolved, and count as equal. The settings' default model
    is not known either; an empty name stands for it, so that nobody warns of its absence.
    """
    name = PurePosixPath(path).name.partition(".")[0]
    prompt = read_prompt(PromptText(name, path, data, include=lambda _path: ""))
    return replace(prompt, model=prompt.model or "")


def text_of_file(path: str, data: bytes) -> bytes:
    """A prompt's file as the text that git compares; any other file as it is."""
    from promptctl.reports.prompt_text import prompt_text

    try:
        return prompt_text(prompt_of(path, data)).encode("utf-8", "surrogateescape")
    except InvalidPrompt:
        return data
