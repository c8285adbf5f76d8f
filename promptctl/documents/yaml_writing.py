"""Values -> YAML on one line: JSON, with what cannot be seen as an escape."""

import json
from typing import Any


def yaml_line(value: Any) -> str:
    """A value as YAML that reads as that value, whatever its texts look like."""
    plain = json.dumps(value, ensure_ascii=False)
    return "".join(character if character.isprintable() else _escape(ord(character)) for character in plain)


def _escape(point: int) -> str:
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
