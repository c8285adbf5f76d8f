"""Plain values -> YAML as a person would write it, that our reader reads back as the same values."""

import re
from typing import Any

# Anything else is quoted: PyYAML follows YAML 1.1, in which other words and numbers are plain than in YAML 1.2.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")


def yaml_text(value: Any) -> str:
    """A document. Texts of several lines stand as blocks; keys keep their order."""
    import yaml  # 15 ms: only a command that writes YAML pays it

    class Writer(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the base class's signature
            super().increase_indent(flow, False)

    def text(writer: Any, value: str) -> Any:
        style = "|" if "\n" in value else None if _PLAIN.fullmatch(value) else '"'
        return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Writer.add_representer(str, text)
    written: str = yaml.dump(
        value, Dumper=Writer, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False
    )
    return written
