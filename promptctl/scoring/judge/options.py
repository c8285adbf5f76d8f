"""`provider` and `rubricPrompt` of an assertion: what they may say."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.documents import kind_of, printable, shown, suggestion
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.prompt import ROLES
from promptctl.prompts.substitution import is_static
from promptctl.settings.params import param_problems

PROMPT_FILES = (".yaml", ".yml", ".md", ".txt", ".j2", ".json")

_OTHERS_NAME = re.compile(
    r"(?!ft:)([a-z][a-z0-9-]*):(?:(?:chat|messages|completion|responses|embedding|moderation):)?([^/]+)"
)
_FILE = "file://"

Found = Iterator[tuple[str, str]]


def problems(options: Mapping[str, Any]) -> Found:
    """The mistakes, each with a hint."""
    yield from model_problems(options)
    yield from _prompt_problems(options.get("rubricPrompt"))


def model_problems(options: Mapping[str, Any]) -> Found:
    """The mistakes of `provider`: a model's name, or `{model, params}`."""
    provider = options.get("provider")
    if provider is None:
        return
    if isinstance(provider, str):
        yield from _name_problems(provider)
    elif not isinstance(provider, Mapping):
        yield f"'provider' must be the name of a model, not {kind_of(provider)}.", "As openai/gpt-5-mini."
    else:
        yield from _mapping_problems(provider)


def _mapping_problems(provider: Mapping[str, Any]) -> Found:
    for key in provider:
        if key not in {"model", "params"}:
            hint = {"id": "Write 'model'.", "config": "Write 'params'."}.get(str(key))
            yield f"unknown key 'provider.{printable(str(key))}'.", hint or suggestion(str(key), ("model", "params"))
    model, params = provider.get("model"), provider.get("params", {})
    if isinstance(model, str):
        yield from _name_problems(model)
    elif model is not None or not params:
        yield f"'provider.model' must be the name of a model, not {shown(model)}.", "As openai/gpt-5-mini."
    if not isinstance(params, Mapping):
        yield f"'provider.params' must be a mapping, not {kind_of(params)}.", ""
        return
    for problem in param_problems(params, "", key="provider.params"):
        yield problem.message, problem.hint


def _name_problems(model: str) -> Found:
    other = _OTHERS_NAME.fullmatch(model)
    if other is not None:
        hint = f"As LiteLLM names it: {other[1]}/{other[2]}."
        yield f"'provider' names {shown(model)}, which is another tool's way.", hint
    elif not model.strip() or model.startswith(_FILE) or any(char.isspace() for char in model):
        yield f"'provider' must be the name of a model, not {shown(model)}.", "As openai/gpt-5-mini."


def _prompt_problems(prompt: Any) -> Found:
    if prompt is None:
        return
    if isinstance(prompt, str) and prompt.startswith(_FILE):
        if not prompt.lower().endswith(PROMPT_FILES):
            yield (
                f"'rubricPrompt' names {shown(prompt)}, which is no prompt file.",
                f"One of {', '.join(PROMPT_FILES)}.",
            )
    elif isinstance(prompt, str):
        yield from _shown_problems([prompt])
        yield from _template_problems(prompt)
    elif not isinstance(prompt, list) or not prompt:
        yield f"'rubricPrompt' must be a template, chat messages or file://path, not {kind_of(prompt)}.", ""
    else:
        yield from _shown_problems([message.get("content") for message in prompt if isinstance(message, Mapping)])
        for message in prompt:
            yield from _message_problems(message)


def _message_problems(message: Any) -> Found:
    if not isinstance(message, Mapping) or not isinstance(message.get("content"), str):
        yield "each message of 'rubricPrompt' needs a role and a text as content.", "As {role: user, content: ...}."
        return
    if message.get("role") not in ROLES:
        yield (
            f"unknown role {shown(message.get('role'))} in 'rubricPrompt'.",
            suggestion(str(message.get("role")), ROLES),
        )
    for key in message.keys() - {"role", "content"}:
        yield f"unknown key '{printable(str(key))}' in a message of 'rubricPrompt'.", ""
    yield from _template_problems(message["content"])


def _shown_problems(texts: list[Any]) -> Found:
    if all(isinstance(text, str) and is_static(text) for text in texts):
        yield "'rubricPrompt' never shows the answer to the judge.", "Write {{ output }} where the answer belongs."


def _template_problems(text: str) -> Found:
    try:
        refusals = analyse(text).refusals
    except TemplateProblem as error:
        yield f"'rubricPrompt' is no template: {printable(error.message, limit=100).rstrip('.')}.", ""
        return
    for refusal in refusals:
        yield f"'rubricPrompt' cannot be rendered: {refusal}.", ""
