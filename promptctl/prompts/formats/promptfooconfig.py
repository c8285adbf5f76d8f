"""The prompts that a promptfooconfig.yaml names -> prompts, each by its label, else its number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import Document, decode, parse_yaml, printable
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.formats import promptfoo
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, params_of, prompt_from
from promptctl.prompts.prompt import Prompt

_FILE = "file://"
_CODE = (".py", ".js", ".cjs", ".mjs", ".ts", ".mts", ".sh", ".rb", ".exe")
_TEXTS = (".txt", ".md", ".j2", ".json", ".yaml", ".yml", ".jsonl", ".csv")
_REMOTE = ("langfuse://", "portkey://", "helicone://", "exec:", "python:", "package:", "http://", "https://")
# promptfoo's prefix -> LiteLLM's. A word in the middle (openai:chat:NAME) says which endpoint.
PREFIXES: Mapping[str, str] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "azure": "azure",
    "azureopenai": "azure",
    "bedrock": "bedrock",
    "cerebras": "cerebras",
    "deepseek": "deepseek",
    "fireworks": "fireworks_ai",
    "google": "gemini",
    "groq": "groq",
    "mistral": "mistral",
    "ollama": "ollama_chat",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "togetherai": "together_ai",
    "vertex": "vertex_ai",
    "xai": "xai",
}
_CHAT = frozenset({"chat", "messages"})
OTHER_ENDPOINTS = frozenset(
    {"assistant", "completion", "embedding", "embeddings", "image", "moderation", "realtime", "responses"}
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One prompt: its text or messages, or the mistake that it is."""

    value: Any = None
    line: int | None = None
    config: Mapping[str, Any] | None = None
    problem: Problem | None = None


def members(file: PromptText) -> tuple[str, ...]:
    """Every prompt that can be read, by its label, else its number. What cannot be is named when it is read."""
    return tuple(_entries(_document(file), file))


def read(file: PromptText) -> Prompt:
    """The prompt of `file.member`, the first where none is named; FileError with every mistake."""
    document = _document(file)
    entries = _entries(document, file)
    if not entries:
        raise InvalidPrompt(Problem(file.path, "names no prompt.", hint="Its `prompts:` is empty or absent."))
    member = file.member or next(iter(entries))
    if member not in entries:
        hint = f"It names: {', '.join(map(printable, list(entries)[:10]))}."
        raise InvalidPrompt(Problem(file.path, f"names no prompt '{printable(member)}'.", hint=hint))
    entry = entries[member]
    if entry.problem is not None:
        raise InvalidPrompt(entry.problem)
    model, settings = _provider(document.value)
    params, warnings = params_of({**settings, **(entry.config or {})}, ignored=("tools", "response_format"))
    found = Found(
        promptfoo.chat_or_text(entry.value, file.path, entry.line), model=model, params=params, warnings=warnings
    )
    return prompt_from(file, found, "promptfooconfig")


def _document(file: PromptText) -> Document:
    document = parse_yaml(decode(file.data, file.path), file.path, tags={})
    if not isinstance(document.value, dict):
        raise InvalidPrompt(Problem(file.path, "is no promptfoo config: a mapping with `prompts:` is expected."))
    return document


def _entries(document: Document, file: PromptText) -> dict[str, _Entry]:
    listed = document.value.get("prompts")
    if isinstance(listed, dict):
        listed = [{"id": path, "label": label} for path, label in listed.items()]
    items = listed if isinstance(listed, list) else [listed] * (listed is not None)
    found: dict[str, _Entry] = {}
    for index, item in enumerate(items):
        line = document.lines.get(("prompts", index), document.lines.get(("prompts",)))
        for label, entry in _entry(item, line, file):
            name = label or str(len(found) + 1)
            number = sum(1 for known in found if known == name or known.startswith(f"{name}#"))
            found[f"{name}#{number + 1}" if number else name] = entry
            if len(found) > promptfoo.MAX_MEMBERS:
                raise InvalidPrompt(Problem(file.path, f"names more than {promptfoo.MAX_MEMBERS:,} prompts."))
    return found


def _entry(item: Any, line: int | None, file: PromptText) -> Iterator[tuple[str, _Entry]]:
    given = item if isinstance(item, dict) else {}
    text = given.get("raw", given.get("id", given.get("file"))) if given else item
    label = given["label"] if isinstance(given.get("label"), str) else ""
    config = given["config"] if isinstance(given.get("config"), dict) else {}
    if not isinstance(text, str) or not text.strip():
        yield label, _Entry(problem=Problem(file.path, "a prompt is no text and no file.", line))
        return
    if "raw" in given or not _names_a_file(text):
        yield label, _Entry(text, line, config, _remote(text, file, line) if "raw" not in given else None)
        return
    yield from _in_file(text.removeprefix(_FILE), label, config, line, file)


def _names_a_file(text: str) -> bool:
    if text.startswith(_FILE):
        return True
    plain = "\n" not in text and "{{" not in text and " " not in text
    return plain and text.partition(":")[0].lower().endswith((*_TEXTS, *_CODE))


def _remote(text: str, file: PromptText, line: int | None) -> Problem | None:
    if not text.startswith(_REMOTE):
        return None
    return Problem(file.path, f"'{printable(text)}' is kept elsewhere.", line, "Export it into a file.")


def _in_file(
    path: str, label: str, config: Mapping[str, Any], line: int | None, file: PromptText
) -> Iterator[tuple[str, _Entry]]:
    def refused(message: str, hint: str = "") -> tuple[str, _Entry]:
        return label or path, _Entry(problem=Problem(file.path, message, line, hint))

    shown = printable(path)
    if path.partition(":")[0].lower().endswith(_CODE):
        hint = "Name its prompt in the settings, as path.py:NAME, or write it as text."
        yield refused(f"'{shown}' is code, which is never run.", hint)
        return
    if any(mark in path for mark in "*?["):
        found = file.matching(path)
        if not found:
            yield refused(f"no file below its folder is called as '{shown}'.")
        for one in found:
            yield from _in_file(one, label, config, line, file)
        return
    text = file.beside(path)
    if text is None:
        yield refused(f"there is no file '{shown}' below its folder.")
        return
    part = PromptText(file.name, path, text.encode("utf-8", "surrogateescape"))
    stem = label or PurePosixPath(path).stem
    try:
        texts = promptfoo.texts_of(part)
    except FileError as error:
        yield label or path, _Entry(problem=error.problems[0])
        return
    for number, (name, value) in enumerate(texts, 1):
        yield stem if number == 1 and name == "1" else f"{stem}-{name}", _Entry(value, None, config)


def _provider(config: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The only provider as LiteLLM's model name and parameters; of several, none is the prompts' own."""
    listed = config.get("providers", config.get("targets"))
    providers = listed if isinstance(listed, list) else [listed] * (listed is not None)
    if len(providers) != 1:
        return None, {}
    one = providers[0]
    if isinstance(one, dict) and "id" not in one and len(one) == 1:
        name, settings = next(iter(one.items()))
        one = {"id": name, **(settings if isinstance(settings, dict) else {})}
    name = one.get("id") if isinstance(one, dict) else one
    settings = one.get("config") if isinstance(one, dict) else None
    if not isinstance(name, str):
        return None, {}
    return model_of(name), settings if isinstance(settings, dict) else {}


def model_of(name: str) -> str | None:
    """LiteLLM's name of a promptfoo provider; None where it has no counterpart."""
    prefix, _, rest = name.partition(":")
    if prefix == "litellm" and rest:
        return rest
    if prefix not in PREFIXES or not rest:
        return None
    middle, _, model = rest.partition(":")
    return f"{PREFIXES[prefix]}/{model if middle in _CHAT | OTHER_ENDPOINTS and model else rest}"
