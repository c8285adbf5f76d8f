"""What `python` assertions run: code as written or in files, and what tells one piece of it from another."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.scoring.text import quoted

CODE_LIMIT = 100_000  # Characters of inline code.

_FILE = re.compile(r"file://(?P<path>.+?\.py)(?::(?P<function>[^:/\\]+))?")
_TEMPLATE = re.compile(r"\{\{-?\s*[A-Za-z_][\w.]*\s*-?\}\}")


@dataclass(frozen=True, slots=True)
class Script:
    """Code as an assertion names it: `text` where it stands inline, else a function of a file.

    A `url` is asked instead; a `plugin` is a function that is installed, `root` the folder it was found in.
    """

    text: str | None = None
    path: str | None = None
    function: str = "get_assert"
    url: str | None = None
    plugin: str | None = None
    root: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.function}" if self.path else quoted(self.text or self.url or self.plugin)


def script(value: Any) -> Script:
    """What a `python` assertion runs. Templates are not filled in: an input must not become code."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("'value' must be Python code, or file://path.py.")
    if value.startswith("file://"):
        return _in_file(value)
    if _TEMPLATE.search(value):
        raise ValueError('a template is not filled into code: write context["vars"]["name"] or context["expected"].')
    if len(value) > CODE_LIMIT:
        raise ValueError(f"the code is longer than {CODE_LIMIT:,} characters: put it into a file.")
    _check_syntax(value)
    return Script(text=value)


def webhook(value: Any) -> Script:
    """The address that a `webhook` assertion asks. Templates are not filled in: an input must not choose a server."""
    from urllib.parse import urlsplit

    if not isinstance(value, str) or _TEMPLATE.search(value):
        raise ValueError("'value' must be an address such as https://example.com/check, without templates.")
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None and value.isprintable()
    except ValueError:
        good = False
    if not good or " " in value:
        raise ValueError(f"{quoted(value)} must be an address such as https://example.com/check, without credentials.")
    return Script(url=value)


def _in_file(value: str) -> Script:
    found = _FILE.fullmatch(value)
    function = (found["function"] or "get_assert") if found else ""
    if not found or not function.isidentifier():
        raise ValueError(f"{quoted(value)} must be file://path.py or file://path.py:function.")
    return Script(path=found["path"], function=function)


def _check_syntax(text: str) -> None:
    import warnings

    body = "\n".join(f" {line}" for line in text.splitlines())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            compile(text.strip(), "<assertion>", "eval")
            return
        try:
            compile(f"def get_assert(output, context):\n{body}\n", "<assertion>", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f" (line {error.lineno - 1})" if isinstance(error, SyntaxError) and error.lineno else ""
            what = error.msg if isinstance(error, SyntaxError) else str(error)
            raise ValueError(f"the code is no Python: {what}{line}.") from None


def has_code(specs: Iterable[Any]) -> bool:
    """Whether any of the raw assertions would run code."""
    return any(True for _ in _python(specs))


def python_files(specs: Iterable[Any]) -> frozenset[str]:
    """The files that the raw assertions name, as they name them."""
    found = (_FILE.fullmatch(value) for value in _python(specs) if isinstance(value, str))
    return frozenset(match["path"] for match in found if match)


def _python(specs: Iterable[Any]) -> Iterator[Any]:
    waiting = list(specs)
    while waiting:
        spec = waiting.pop()
        if not isinstance(spec, Mapping):
            continue
        if spec.get("type") in ("python", "not-python", "webhook", "not-webhook"):
            yield spec.get("value")
        members = spec.get("assert")
        if isinstance(members, Sequence) and not isinstance(members, str):
            waiting.extend(members)
