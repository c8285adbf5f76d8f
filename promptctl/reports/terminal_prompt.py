"""One prompt, resolved or rendered -> what `show` prints."""

import json
from collections.abc import Mapping
from typing import Any

from rich.text import Text

from promptctl.reports.safe import one_line, printable
from promptctl.reports.terminal_canvas import Canvas

_KEYS = (
    *("description", "model", "params", "fallbacks", "language", "variables", "tools", "response_format", "assert"),
    *("inputs", "volume", "metadata"),
)


def render_prompt(document: Mapping[str, Any], *, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """The keys that say something, then every message under its role. `document`: see `show --format json`."""
    canvas = Canvas(width, color=color, encoding=encoding)
    lines = canvas.paragraph(canvas.text((one_line(document["prompt"]), "bold"), f"  {one_line(document['path'])}"))
    for key in _KEYS:
        if document[key] and (key, document[key]) != ("language", "jinja"):
            lines += canvas.labelled((key, "dim"), canvas.text(_value(document[key])), indent=2, gutter=17)
    for message in document["messages"]:
        lines += [Text(), canvas.text((f"{one_line(message['role'])}:", "bold"))]
        for line in printable(_content(message["content"])).split("\n"):
            lines += canvas.paragraph(canvas.text(line), 2) if line.strip() else [Text()]
    for path, text in {} if document["resolved"] else document["partials"].items():
        lines += [Text(), canvas.text((f"included {one_line(path)}:", "bold"))]
        lines += [line for part in printable(text).split("\n") for line in canvas.paragraph(canvas.text(part), 2)]
    for warning in document["warnings"]:
        lines += [Text(), *canvas.labelled(("warning", "yellow"), canvas.text(one_line(warning)), indent=0, gutter=9)]
    return canvas.rendered(lines)


def _value(value: Any) -> str:
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _content(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=2)
