"""Text -> how many tokens, offline. Claude, Gemini and unknown models are counted as OpenAI's: approximately."""

import hashlib
import importlib.util
import os  # The one exception to "no I/O": tiktoken finds its files through an environment variable alone.
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from promptctl.prompts.analysis import texts
from promptctl.prompts.prompt import Prompt, RenderedMessage

if TYPE_CHECKING:
    from tiktoken import Encoding

_FALLBACK = "cl100k_base"  # loads in half the time of o200k_base, and is no worse a guess for other models
_CACHE_DIR = "TIKTOKEN_CACHE_DIR"
_URL = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
# The files that LiteLLM ships. With another digest tiktoken would go and download its own.
_DIGESTS = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}
_PER_MESSAGE = 3  # OpenAI's own rule for chat models: framing of each message,
_PER_REPLY = 3  # and of the answer's beginning


@dataclass(frozen=True, slots=True)
class TokenCount:
    """A number of tokens; `approximate` where the model's own tokenizer is not at hand."""

    tokens: int
    approximate: bool


@dataclass(frozen=True, slots=True)
class ModelEncoding:
    """The encoding that a model is counted with; `own` says that it is the model's own."""

    name: str
    own: bool


@lru_cache(maxsize=256)
def encoding_for(model: str | None) -> ModelEncoding:
    """The encoding to count a model with."""
    if model is None:
        return ModelEncoding(_FALLBACK, own=False)
    from tiktoken.model import encoding_name_for_model  # 30 ms: only counting pays it

    prefix, slash, rest = model.partition("/")
    if slash and prefix not in {"openai", "azure", "text-completion-openai"}:
        return ModelEncoding(_FALLBACK, own=False)
    try:
        name = encoding_name_for_model(rest if slash else model)
    except KeyError:
        return ModelEncoding(_FALLBACK, own=False)
    return ModelEncoding(name, own=True) if name in _DIGESTS else ModelEncoding(_FALLBACK, own=False)


def count(text: str, model: str | None) -> int:
    """The tokens of a text; a quarter of its bytes where no tokenizer can be had."""
    return _counted(text, encoding_for(model).name) if text else 0


def is_approximate(model: str | None) -> bool:
    """Whether this model's counts are approximations."""
    found = encoding_for(model)
    return not found.own or encoding(found.name) is None


def prompt_tokens(prompt: Prompt, model: str | None) -> TokenCount:
    """The tokens of all messages' text and of what they include, each once, not rendered."""
    static = (*texts(prompt), *prompt.partials.values())
    return TokenCount(sum(count(text, model) for text in static), is_approximate(model))


def message_tokens(messages: Sequence[RenderedMessage], model: str | None) -> TokenCount:
    """The tokens of a request's messages, framing included; media count nothing, which is said by `approximate`."""
    tokens, approximate = _PER_REPLY, is_approximate(model)
    for message in messages:
        tokens += _PER_MESSAGE + count(message.role, model)
        if isinstance(message.content, str):
            tokens += count(message.content, model)
            continue
        for part in message.content:
            text = part.get("text")
            tokens += count(text, model) if isinstance(text, str) else 0
            approximate = approximate or not isinstance(text, str)
    return TokenCount(tokens, approximate)


@lru_cache(maxsize=4096)
def _counted(text: str, name: str) -> int:
    tokenizer = encoding(name)
    if tokenizer is None:
        return -(-len(text.encode("utf-8", "surrogatepass")) // 4)
    return len(tokenizer.encode(text, disallowed_special=()))


@lru_cache(maxsize=8)
def encoding(name: str) -> "Encoding | None":
    """The tokenizer from LiteLLM's files; None where they are absent. The network is never asked."""
    folder = _folder()
    if folder is None or not _is_whole(folder, name):
        return None
    with _cache_folder(folder):
        import tiktoken  # 30 ms, and the encoding 120 to 270 ms: only counting pays it

        return tiktoken.get_encoding(name)


def _folder() -> Path | None:
    """LiteLLM's folder of tokenizers, found without importing LiteLLM (3 s)."""
    found = importlib.util.find_spec("litellm")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"


def _is_whole(folder: Path, name: str) -> bool:
    file = folder / hashlib.sha1(_URL.format(name).encode(), usedforsecurity=False).hexdigest()
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() == _DIGESTS.get(name)
    except OSError:
        return False


@contextmanager
def _cache_folder(folder: Path) -> Iterator[None]:
    before = os.environ.get(_CACHE_DIR)
    os.environ[_CACHE_DIR] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CACHE_DIR]
        else:
            os.environ[_CACHE_DIR] = before
