"""A path -> what promptctl would read there: nobody wants a report read as a prompt."""

import posixpath
from collections.abc import Callable

from promptctl.errors import UserError
from promptctl.prompts.formats import detected
from promptctl.prompts.formats.detection import UNCERTAIN
from promptctl.settings import Settings
from promptctl.snapshot.naming import may_be_prompt
from promptctl.snapshot.patterns import means, patterns
from promptctl.snapshot.siblings import is_sibling


def read_as(path: str, settings: Settings, content: Callable[[], bytes | None]) -> str | None:
    """`a prompt`, `inputs or recordings`, or None; `content` is what stands there now, for what only content says."""
    pattern = next((pattern for pattern in patterns(settings.prompts) if pattern.holds(path)), None)
    if pattern is None:
        return None
    if pattern.format is not None:
        return "a prompt"
    if is_sibling(posixpath.basename(path)):
        return "inputs or recordings"
    root = pattern.root_of(path)
    declared = next((name for glob, name in settings.formats.items() if means(glob, path)), None)
    if not may_be_prompt(path.removeprefix(f"{root}/") if root else path, declared):
        return None
    if declared is None and path.lower().endswith(UNCERTAIN):
        data = content()
        return None if data is None or not _is_prompt(path, data) else "a prompt"
    return "a prompt"


def _is_prompt(path: str, data: bytes) -> bool:
    try:
        return detected(path, data) is not None
    except UserError:
        return False
