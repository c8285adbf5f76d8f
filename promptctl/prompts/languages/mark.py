"""Marks that a template's tags leave in the rendered text, where a role begins, say: no value can bring one."""

import json
from collections.abc import Mapping
from typing import Any

from promptctl.prompts.budget import current


def mark_for(values: Mapping[str, Any], opening: str) -> str:
    """A mark that begins with `opening` and that no value holds."""
    everything = json.dumps(values, default=str, ensure_ascii=False)
    current().work(len(everything))
    number = 0
    while f"{opening}{number}:" in everything:
        number += 1
    return f"{opening}{number}:"
