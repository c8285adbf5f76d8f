"""promptfoo assertions -> those that promptctl knows, word for word; the others are named."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from promptctl.documents import printable
from promptctl.errors import FileError
from promptctl.scoring.assertion import Kind, Need
from promptctl.scoring.registry import KINDS, assertion_problems
from promptctl.workflows.adopt_promptfoo.files import Folder, is_reference, loaded, mapping_of
from promptctl.workflows.adopt_promptfoo.leftovers import Leftovers
from promptctl.workflows.adopt_promptfoo.prompts import chat_text, template
from promptctl.workflows.adopt_promptfoo.providers import judge_of

_REF = "#/assertionTemplates/"
GRADING = frozenset({"provider", "rubricPrompt"})  # options of a test that its assertions have where they say nothing
_EMBEDDING = ("similar",)
_PURPOSES = frozenset({"text", "embedding", "classification", "moderation"})
_STRUCTURED = frozenset({".json", ".yaml", ".yml"})


class Assertions:
    """The reader of one config's assertions."""

    def __init__(self, config: Mapping[str, Any], folder: Folder, left: Leftovers) -> None:
        self.templates = mapping_of(config.get("assertionTemplates"))
        self.folder = folder
        self.left = left

    def carried(self, specs: Any, at: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The assertions of a test that promptctl can score as they stand. `options` are the test's."""
        listed: Sequence[Any] = specs if isinstance(specs, list) else [specs] * (specs is not None)
        found = [self._one(spec, at, options) for spec in listed]
        return [spec for spec in found if spec is not None]

    def _one(self, spec: Any, at: str, options: Mapping[str, Any]) -> dict[str, Any] | None:
        try:
            whole: dict[str, Any] = self._whole(self._resolved(spec), options)
        except FileError as error:
            self.left.note(f"assertion {_type(spec)}: {error.lines()[0]}", at=at)
            return None
        problems = assertion_problems([whole], "")
        if not problems:
            return whole
        reasons = dict.fromkeys(_reason(str(problem), whole) for problem in problems)
        self.left.note(f"assertion {_type(whole)} is not carried over: {' '.join(reasons)}", at=at)
        return None

    def _resolved(self, spec: Any) -> Any:
        reference = mapping_of(spec).get("$ref")
        if isinstance(reference, str) and reference.startswith(_REF):
            return self.templates.get(reference.removeprefix(_REF), spec)
        return spec

    def _whole(self, spec: Any, options: Mapping[str, Any]) -> Any:
        """With files read and Nunjucks' names changed. What decides nothing without a threshold loses the empty one."""
        if not isinstance(spec, dict):
            return spec
        whole = {key: value for key, value in spec.items() if value is not None}
        kind = KINDS.get(str(whole.get("type", "")).removeprefix("not-"))
        if kind is not None:
            self._spare(whole, kind)
        value = whole.get("value")
        if is_reference(value) and kind is not None and not kind.code:
            value = self._file(str(value))
        if isinstance(value, str) and kind is not None and not kind.code:
            value = template(value)
        if value is not None:
            whole["value"] = value
        if kind is not None:
            self._grading(whole, kind, options)
        if isinstance(whole.get("assert"), list):
            whole["assert"] = [self._whole(self._resolved(member), options) for member in whole["assert"]]
        return whole

    def _grading(self, whole: dict[str, Any], kind: Kind, options: Mapping[str, Any]) -> None:
        """Who judges, and by which prompt: the assertion's own, else the test's."""
        given = {key: options[key] for key in GRADING if options.get(key) is not None}
        if isinstance(provider := given.pop("provider", None), dict) and "id" not in provider:
            # One a purpose: {text: ..., embedding: ...}.
            purpose = "embedding" if str(whole["type"]).removeprefix("not-").startswith(_EMBEDDING) else "text"
            provider = provider.get(purpose, provider if provider.keys().isdisjoint(_PURPOSES) else None)
        for key, value in {**given, "provider": provider}.items():
            if key in kind.options and value is not None:
                whole.setdefault(key, value)
        if "provider" in whole and "provider" in kind.options:
            whole["provider"] = judge_of(whole["provider"], self.left)
        if isinstance(prompt := whole.get("rubricPrompt"), str):
            whole["rubricPrompt"] = self._judge_prompt(prompt)

    def _judge_prompt(self, prompt: str) -> Any:
        """The text, or the messages that are written as JSON or YAML."""
        if is_reference(prompt):
            path = self.folder.paths(prompt)[0]
            prompt = self.folder.text(path).strip()
        return chat_text(prompt) or template(prompt)

    @staticmethod
    def _spare(whole: dict[str, Any], kind: Kind) -> None:
        """What promptfoo lets stand though it decides nothing there is left out: a threshold, a value."""
        if kind.threshold is Need.NONE:
            whole.pop("threshold", None)
        if kind.value is Need.NONE:
            whole.pop("value", None)

    def _file(self, reference: str) -> Any:
        path: Path = self.folder.paths(reference)[0]
        text = self.folder.text(path)
        if path.suffix in _STRUCTURED:
            return loaded(text, path, self.folder.name(path))
        return text.strip()


def _type(spec: Any) -> str:
    return f"'{printable(str(mapping_of(spec).get('type', '?')))}'"


def _reason(problem: str, spec: Any) -> str:
    """The problem without what the line says already."""
    lead = f"assertion 1 ({printable(str(mapping_of(spec).get('type')))}): "
    text = problem.removeprefix(lead).removeprefix("assertion 1: ")
    # The list of all types helps who writes one; here it would drown the names of those that are lost.
    return text.partition(" There are ")[0]
