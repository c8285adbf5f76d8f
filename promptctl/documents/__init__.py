"""YAML or JSON text -> plain values that know their lines, and all the mistakes at once."""

from promptctl.documents.fields import Fields, kind_of, shown
from promptctl.documents.json import parse_json
from promptctl.documents.text import MAX_BYTES, decode, printable, suggestion, texts_in
from promptctl.documents.yaml import Document, Path, parse_yaml, plain_value

__all__ = [
    "MAX_BYTES",
    "Document",
    "Fields",
    "Path",
    "decode",
    "kind_of",
    "parse_json",
    "parse_yaml",
    "plain_value",
    "printable",
    "shown",
    "suggestion",
    "texts_in",
]
