"""A text's own signs -> the template language that it is written in, where nothing else says so."""

import re

from promptctl.prompts.prompt import JINJA, LITERAL

_JINJA = re.compile(r"\{%|\{#|\{\{-?\s*[A-Za-z_][\w.]*\s*(?:\||\}\}|-\}\}|\[|\()")
_FIELD = re.compile(r"(?<!\{)\{[A-Za-z_]\w*(?:![rsa])?(?::[^{}]*)?\}(?!\})")
_OTHER_BRACES = re.compile(r"[{}]")


def language_by_signs(text: str) -> str:
    """jinja for `{{ name }}` and `{% %}`; format where every brace is a `{name}` or doubled; else literal.

    Braces that are part of JSON or code make a text literal: `{x}` beside them is no variable that anybody declared.
    """
    if "{" not in text:
        return LITERAL
    if _JINJA.search(text):
        return JINJA
    undoubled = text.replace("{{", "").replace("}}", "")
    fields = _FIELD.findall(undoubled)
    return "format" if fields and not _OTHER_BRACES.search(_FIELD.sub("", undoubled)) else LITERAL
