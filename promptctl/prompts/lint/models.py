"""The model and its parameters: PL201 to PL207."""

from collections.abc import Iterator
from datetime import date

from promptctl.documents import printable
from promptctl.prompts.lint.facts import Facts, ModelFacts
from promptctl.prompts.lint.finding import Finding, Place
from promptctl.prompts.lint.places import Places, position
from promptctl.prompts.prompt import Prompt, RenderedMessage

_OUTPUT = ("max_tokens", "max_completion_tokens")


def findings(prompt: Prompt, facts: Facts, places: Places) -> Iterator[Finding]:
    """What is known of the prompt's model and fallbacks, held against what the prompt asks of them."""
    for model in facts.models:
        where = _model_place(model, prompt, facts, places)
        yield from _name(model, where, facts.today)
        yield from _params(model, prompt, facts, places)
        if model.name == prompt.model:
            yield from _window(model, where, prompt, facts)


def _name(model: ModelFacts, where: Place, today: date) -> Iterator[Finding]:
    shown = printable(model.name)
    if model.unknown:
        yield Finding("PL201", where, f"model '{shown}': {model.unknown}.", model.suggestion)
    if model.deprecated is not None:
        past = model.deprecated <= today.isoformat()
        said = f"was deprecated on {model.deprecated}" if past else f"will be deprecated on {model.deprecated}"
        hint = f"Move to {model.successor}." if model.successor else "See its provider's page of deprecations."
        yield Finding("PL203" if past else "PL204", where, f"model '{shown}' {said}.", hint)
    if model.dated is not None:
        message = f"model '{shown}' is an alias: what it stands for may change without an edit."
        yield Finding("PL205", where, message, f"Fix the version: {model.dated}.")


def _params(model: ModelFacts, prompt: Prompt, facts: Facts, places: Places) -> Iterator[Finding]:
    for name, why in model.refused.items():
        hint = "Remove it, or choose a model that takes it."
        yield Finding("PL202", _param_place(name, prompt, facts, places), f"'{printable(name)}': {why}.", hint)
    for name in _OUTPUT:
        value = prompt.params.get(name)
        if model.max_output and isinstance(value, int | float) and value > model.max_output:
            message = f"'{name}' is {value:,}; {printable(model.name)} gives {model.max_output:,} tokens at most."
            yield Finding(
                "PL207", _param_place(name, prompt, facts, places), message, f"Set {model.max_output} or less."
            )


def _window(model: ModelFacts, where: Place, prompt: Prompt, facts: Facts) -> Iterator[Finding]:
    """Counted only where the bytes allow it to be too long: a token is at least one byte."""
    limit = model.max_input
    messages = facts.inputs.longest if facts.inputs is not None and facts.inputs.longest else _unfilled(prompt)
    if limit is None or sum(_bytes(message) for message in messages) <= limit:
        return
    from promptctl.prompts.tokens import message_tokens  # 0.3 s with tiktoken: only a long prompt pays it

    found = message_tokens(messages, model.name)
    if found.tokens <= limit:
        return
    about = "about " if found.approximate else ""
    filled = facts.inputs is not None and facts.inputs.longest_id is not None
    named = f" with its longest input '{printable(facts.inputs.longest_id or '')}'" if filled and facts.inputs else ""
    message = f"the prompt{named} has {about}{found.tokens:,} tokens; {printable(model.name)} takes {limit:,}."
    yield Finding("PL206", where, message, "Shorten it, or choose a model that takes more.")


def _unfilled(prompt: Prompt) -> tuple[RenderedMessage, ...]:
    partials = [RenderedMessage("system", text) for text in prompt.partials.values()]
    return (*(RenderedMessage(message.role, message.content) for message in prompt.messages), *partials)


def _bytes(message: RenderedMessage) -> int:
    if isinstance(message.content, str):
        return len(message.content.encode("utf-8", "surrogatepass")) + 16
    return sum(len(str(part.get("text", "")).encode("utf-8", "surrogatepass")) for part in message.content) + 16


def _model_place(model: ModelFacts, prompt: Prompt, facts: Facts, places: Places) -> Place:
    """Where the model is named: in the prompt's file, or as the default in the settings."""
    for path, text in facts.files.items():
        found = text.find(model.name)
        if found >= 0:
            line, column = position(text, found)
            return Place(path, line, column)
    return _in_settings(model.name, facts) or places.key("model") or Place(prompt.path, 1)


def _param_place(name: str, prompt: Prompt, facts: Facts, places: Places) -> Place:
    return places.key(name) or _in_settings(f"{name}:", facts) or Place(prompt.path, 1)


def _in_settings(words: str, facts: Facts) -> Place | None:
    found = facts.settings.find(words)
    if found < 0:
        return None
    line, column = position(facts.settings, found)
    return Place(facts.settings_path, line, column)
