"""Edits of real Python modules: of the code alone, and of one prompt in it."""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping

from promptctl.errors import InvalidPrompt
from promptctl.prompts.diff import diff
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.prompt import Prompt

_WORD = re.compile(r"(?<![\w{\\%])[A-Za-z]{5,}(?![\w}])")
_INSTEAD = "quixotic"


def member_of(data: bytes, member: str) -> Prompt:
    return read_prompt(PromptText(member, "module.py", data, member=member), "python")


def edits_told(data: bytes, prompts: Mapping[str, Prompt]) -> Iterator[tuple[str, str]]:
    """Each prompt of a module, and whether an edit of the code leaves it as it was and one of its words is seen.

    The code's edit writes the whole module anew: other quotes, lines and brackets, no comments, and a new function.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rewritten = f"import this\n\n{ast.unparse(ast.parse(data))}\n\ndef another_one():\n    return 1\n"
            ast.parse(rewritten)
    except (ValueError, SyntaxError, RecursionError):
        yield "", "module that Python itself cannot write anew"
        return
    for member, prompt in prompts.items():
        try:
            again = member_of(rewritten.encode("utf-8", "surrogatepass"), member)
        except InvalidPrompt:
            yield member, "edit of code: WRONG, the prompt is gone"
            continue
        same = again == prompt and not diff(prompt, again).has_content
        yield member, "edit of code, prompt unchanged" if same else "edit of code: WRONG, the prompt differs"
        yield member, _word_told(data, member, prompt)


def _word_told(data: bytes, member: str, prompt: Prompt) -> str:
    texts = [message.content for message in prompt.messages if isinstance(message.content, str)]
    words = (found[0] for text in texts for found in _WORD.finditer(text))
    word = next((word for word in words if word not in member.split(".")), None)
    if word is None:
        return "no word to edit"
    source = _edited(data, word)
    if source is None:
        return "no word to edit"
    try:
        edited = member_of(source, member)
    except InvalidPrompt:
        return "edit of a word: WRONG, the prompt is gone"
    seen = diff(prompt, edited).has_content and any(_INSTEAD in str(message.content) for message in edited.messages)
    return "edit of a word, seen" if seen else "edit of a word: WRONG, not seen"


def _edited(data: bytes, word: str) -> bytes | None:
    """The source with one word of its texts replaced; None where that is no Python any more."""
    found = re.sub(rb"(?<!\w)%s(?!\w)" % re.escape(word.encode()), _INSTEAD.encode(), data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old, new = ast.parse(data), ast.parse(found)
    except (ValueError, SyntaxError, RecursionError):
        return None
    names = [{node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} for tree in (old, new)]
    return found if found != data and names[0] == names[1] else None
