"""`.prompt` means two languages: Google's dotprompt (Handlebars) and LiteLLM's own (Jinja). A file's signs tell."""

import re

_LOOKED_AT = 65_536
_DOTPROMPT = re.compile(
    rb"\{\{\s*(?:role|media|history|section|json)\b|\{\{[#/>^]|^(?:config|ext|tools|toolDefs)[ \t]*:", re.MULTILINE
)
_LITELLM = re.compile(
    rb"\{%|^(?:System|User|Assistant):|^(?:temperature|max_tokens|top_p|presence_penalty|frequency_penalty)[ \t]*:",
    re.MULTILINE,
)


def told_apart(data: bytes) -> str:
    """dotprompt or litellm; dotprompt where nothing tells (`formats:` in the settings decides then)."""
    head = data[:_LOOKED_AT]
    if _DOTPROMPT.search(head):
        return "dotprompt"
    return "litellm" if _LITELLM.search(head) else "dotprompt"
