"""Text -> Prompt, one module a format."""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from promptctl.documents import suggestion
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.formats import frontmatter, native, text
from promptctl.prompts.partials import Include
from promptctl.prompts.prompt import Prompt

Reader = Callable[[str, str, bytes, Include], Prompt]

READERS: Mapping[str, Reader] = {
    ".yaml": native.read,
    ".yml": native.read,
    ".md": frontmatter.read,
    ".txt": text.read,
    ".j2": text.read,
    ".jinja": text.read,
    ".jinja2": text.read,
}


def read_prompt(name: str, path: str, data: bytes, include: Include) -> Prompt:
    """The prompt in a file; InvalidPrompt with every mistake that the file has.

    `path` names the file in messages. `include` gives the text of a partial by its path relative to the prompts
    folder, at the same revision, and None where there is none.
    """
    extension = PurePosixPath(path).suffix.lower()
    reader = READERS.get(extension)
    if reader is None:
        message = f"no prompt format has the extension '{extension}'."
        raise InvalidPrompt(Problem(path, message, hint=suggestion(extension, READERS)))
    try:
        return reader(name, path, data, include)
    except InvalidPrompt:
        raise
    except FileError as error:
        raise InvalidPrompt(error.problems) from None
