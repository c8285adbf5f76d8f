"""Whether a hook has anything to do: asked before everything else, as most commits touch no prompt."""

import os
from collections.abc import Sequence
from pathlib import Path

from promptctl.errors import PromptctlError
from promptctl.settings import FILE, read_settings
from promptctl.versions.staging import staged_paths


def nothing_to_do(args: Sequence[str]) -> bool:
    """Whether nothing that is staged can concern a prompt. Where that is not certain: False."""
    if not args or args[0] == "pre-push" or any(arg in {"-h", "--help"} for arg in args):
        return False
    found = staged_paths(Path.cwd(), os.environ)
    if found is None:
        return False
    root, paths = found
    if not paths:
        return True
    try:
        file = root / FILE
        text = file.read_text(encoding="utf-8") if file.is_file() else None
        prompts = read_settings(text, environ=os.environ).prompts
    except (PromptctlError, OSError, ValueError):
        return False
    if any("promptfooconfig" in prompt for prompt in prompts):
        return False  # it names files anywhere
    return not any(_concerns(path, prompts) for path in paths)


def _concerns(path: str, prompts: Sequence[str]) -> bool:
    """Whether a path is the settings, or may lie where prompts are: below a folder, or a glob's fixed beginning."""
    return path == FILE or any(_below(path, prompt.rpartition(":")[0] or prompt) for prompt in prompts)


def _below(path: str, prompt: str) -> bool:
    parts = prompt.split("/")
    fixed = [*iter(lambda: parts.pop(0) if parts and not set("*?[") & set(parts[0]) else None, None)]
    return prompt == "." or path.split("/")[: len(fixed)] == fixed
