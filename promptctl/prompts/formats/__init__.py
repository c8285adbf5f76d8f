"""Text -> Prompt, one module a format; the registry of all of them."""

import importlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Protocol, cast

from promptctl.documents import suggestion
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.formats.detection import EXTENSIONS, detected
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.prompt import Prompt

__all__ = ["EXTENSIONS", "FORMATS", "PromptText", "detected", "read_prompt"]

_HERE = "promptctl.prompts.formats."

# A format's name, as `Prompt.format` and `formats:` in the settings say it -> its module, imported where a file needs it.
FORMATS: Mapping[str, str] = {
    "yaml": _HERE + "native",
    "frontmatter": _HERE + "frontmatter",
    "text": _HERE + "text",
}


class _Format(Protocol):
    def read(self, file: PromptText) -> Prompt:
        """The prompt; FileError with every mistake."""
        ...


def read_prompt(file: PromptText, declared: str | None = None) -> Prompt:
    """The prompt in a file; InvalidPrompt with every mistake that the file has.

    `declared` is the format that the settings give it; else its name, then its content tell.
    """
    name = declared or detected(file.path, file.data)
    if name is None:
        extension = PurePosixPath(file.path).suffix.lower()
        message = f"no prompt format has the extension '{extension}'."
        raise InvalidPrompt(Problem(file.path, message, hint=suggestion(extension, EXTENSIONS)))
    try:
        return cast("_Format", importlib.import_module(FORMATS[name])).read(file)
    except InvalidPrompt:
        raise
    except FileError as error:
        raise InvalidPrompt(error.problems) from None
