"""Texts from strangers, fenced so that none of them can close its fence.

The fence's token is a digest of all the texts: equal questions have equal fences, so that a fingerprint is stable, and
a text cannot hold the token, for it is counted on until none does.
"""

import hashlib
import json
from collections.abc import Mapping

LENGTH = 12  # hexadecimal digits: easy to repeat for a model


def token_of(texts: Mapping[str, str]) -> str:
    """What no text holds, in whatever case."""
    whole = json.dumps(sorted(texts.items()), ensure_ascii=True)
    folded = [text.lower() for text in texts.values()]
    for number in range(1_000_000):
        token = hashlib.sha256(f"{number} {whole}".encode()).hexdigest()[:LENGTH]
        if not any(token in text for text in folded):
            return token
    raise AssertionError("a text that holds a million digests of itself")


def fenced(name: str, text: str, token: str) -> str:
    """The text between two lines that carry the token."""
    return f"<{name} {token}>\n{text}\n</{name} {token}>"
