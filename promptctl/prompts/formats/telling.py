"""Which files of any repository are prompts for certain: for looking around, where nobody has declared anything."""

import re
from pathlib import PurePosixPath

from promptctl.prompts.formats.detection import AGENT_ENDINGS, AGENT_NAMES, EXTENSIONS, detected, is_broken

# Folders of other people's code, and of what is made anew.
OTHERS = frozenset(
    {"node_modules", "site-packages", "__pycache__", "venv", "env", "vendor", "third_party", "dist", "build", "target"}
)
PROMPT_FOLDERS = frozenset({"prompts", "prompt", "prompt_templates"})
_CONFIG = re.compile(r"promptfooconfig[^/]*\.ya?ml")
_BY_NAME = (".prompty", ".prompt", ".mdc")
_MESSAGES = re.compile(rb"^messages[ \t]*:", re.MULTILINE)
_ROLE = re.compile(rb"role['\"]?[ \t]*:")
_TEMPLATE = re.compile(rb"^template[ \t]*:", re.MULTILINE)
# All that the reader of Python code goes by, so that a module without any of it need not be parsed.
_CODE = re.compile(
    rb"prompt|instruction|system|persona|few_?shot|template|messages|you are|your |act as|respond|answer|as an ai"
    rb"|helpful assistant|step by step|given the following|based on the",
    re.IGNORECASE,
)


def may_tell(path: str) -> bool:
    """Whether a file's name leaves it open, or says, that it holds prompts; its content decides (`told`)."""
    parts = path.split("/")
    if not OTHERS.isdisjoint(parts) or parts[-1].lower() == "readme.md":
        return False
    return path.lower().endswith((*EXTENSIONS, ".py"))


def told(path: str, data: bytes) -> str | None:
    """The format of a file that is a prompt for certain, or that may hold some (python); None for any other.

    A plain text or a page of Markdown is one only where its folder says so: see PROMPT_FOLDERS.
    """
    name = PurePosixPath(path).name.lower()
    if name.endswith(".py"):
        return "python" if _CODE.search(data) else None
    if _CONFIG.fullmatch(name):
        return "promptfooconfig"
    certain = name in AGENT_NAMES or name.endswith((*AGENT_ENDINGS, *_BY_NAME)) or name == "skprompt.txt"
    if certain:
        return detected(path, data)
    if name.endswith(".json"):
        found = detected(path, data)
        return None if found == "chat" and is_broken(data) else found
    if not PROMPT_FOLDERS.isdisjoint(part.lower() for part in path.split("/")[:-1]):
        return detected(path, data)
    if name.endswith((".yaml", ".yml")):
        return _yaml(path, data)
    return "chatml" if detected(path, data) == "chatml" else None


def _yaml(path: str, data: bytes) -> str | None:
    """A list of messages, or the keys that a prompt has and hardly any other file."""
    found = detected(path, data)
    if found == "yaml":
        return found if _MESSAGES.search(data) and _ROLE.search(data) else None
    return found if found != "semantic-kernel" or _TEMPLATE.search(data) else None
