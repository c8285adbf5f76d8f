"""Texts -> HTML in which nothing of a stranger's lives."""

from html import escape

from promptctl.reports.safe import one_line, printable, shortened


def text(value: str) -> str:
    """Inert, lines kept."""
    return escape(printable(value))


def line(value: str, limit: int = 1_000) -> str:
    """Inert, on one line, bounded."""
    return escape(shortened(one_line(value), limit))


def tag(name: str, content: str, **attributes: str) -> str:
    """An element. `content` is HTML; values of attributes are texts; `class_` and `for_` lose their last sign."""
    said = "".join(f' {key.rstrip("_").replace("_", "-")}="{line(value)}"' for key, value in attributes.items())
    return f"<{name}{said}>{content}</{name}>"
