"""Text -> Prompt, one module a format; the registry of all of them."""

import importlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Protocol, cast

from promptctl.documents import printable, suggestion
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.analysis import refusals
from promptctl.prompts.formats.detection import EXTENSIONS, detected
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.prompt import Prompt
from promptctl.settings import ADDRESS_HINT, TOOL_HINT, names_address, refused_in_tool

__all__ = ["EXTENSIONS", "FORMATS", "SEVERAL", "PromptText", "detected", "members", "read_prompt"]

_HERE = "promptctl.prompts.formats."

# A format's name, as `Prompt.format` and `formats:` in the settings say it -> its module, imported where it is needed.
FORMATS: Mapping[str, str] = {
    "yaml": _HERE + "native",
    "frontmatter": _HERE + "frontmatter",
    "text": _HERE + "text",
    "chat": _HERE + "chat",
    "chatml": _HERE + "chatml",
    "prompty": _HERE + "prompty",
    "dotprompt": _HERE + "dotprompt",
    "litellm": _HERE + "litellm_prompt",
    "promptfoo": _HERE + "promptfoo",
    "promptfooconfig": _HERE + "promptfooconfig",
    "fabric": _HERE + "fabric",
    "langchain": _HERE + "langchain",
    "langfuse": _HERE + "langfuse",
    "promptlayer": _HERE + "promptlayer",
    "openai": _HERE + "openai",
    "semantic-kernel": _HERE + "semantic_kernel",
    "agent": _HERE + "agent",
    "python": _HERE + "python_code",
}
# Those whose files may hold several prompts: their modules have `members` as well.
SEVERAL = frozenset({"python", "promptfoo", "promptfooconfig"})


class _Format(Protocol):
    def read(self, file: PromptText) -> Prompt:
        """The prompt; FileError with every mistake."""
        ...


class _Several(_Format, Protocol):
    def members(self, file: PromptText) -> tuple[str, ...]:
        """The names of the prompts in a file, in its order; FileError where it cannot be read."""
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
        prompt = cast("_Format", importlib.import_module(FORMATS[name])).read(file)
    except InvalidPrompt:
        raise
    except FileError as error:
        raise InvalidPrompt(error.problems) from None
    if file.tags:
        names = ", ".join(dict.fromkeys(map(printable, file.tags.values())))
        kept = f"YAML tags that promptctl does not know are kept, and not followed: {names}"
        metadata = {**prompt.metadata, "tags": dict(file.tags)}
        prompt = replace(prompt, metadata=metadata, warnings=(*prompt.warnings, kept))
    _check_reach(prompt)
    refused = tuple(f"{refusal}: it can be compared, but not rendered" for refusal in refusals(prompt))
    return replace(prompt, warnings=(*prompt.warnings, *refused)) if refused else prompt


def members(file: PromptText, name: str) -> tuple[str, ...]:
    """The names of the prompts in a file of a format that may hold several. Raises InvalidPrompt."""
    try:
        return cast("_Several", importlib.import_module(FORMATS[name])).members(file)
    except FileError as error:
        raise InvalidPrompt(error.problems) from None


def _check_reach(prompt: Prompt) -> None:
    """A prompt names no server and no credential, whatever its format. Raises InvalidPrompt."""
    problems = [
        Problem(prompt.path, f"'{printable(model)}' is no name of a model, but an address.", hint=ADDRESS_HINT)
        for model in (prompt.model or "", *prompt.fallbacks)
        if names_address(model)
    ]
    problems += [
        Problem(prompt.path, f"'tools[{number}].{printable(key)}' may not be set here.", hint=TOOL_HINT)
        for number, tool in enumerate(prompt.tools, 1)
        for key in refused_in_tool(tool)
    ]
    if problems:
        raise InvalidPrompt(problems)
