"""What lint may know of a prompt's models and assertions, gathered from the rooms that know it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from promptctl.documents import texts_in
from promptctl.errors import FileError
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.lint.facts import ModelFacts
from promptctl.prompts.prompt import Prompt
from promptctl.settings import Settings

Specs = Sequence[Mapping[str, Any]]


class Models:
    """Facts of models by name, each found once."""

    def __init__(self, settings: Settings, today: date, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.environ = environ
        self.today = today.isoformat()
        self._known: dict[str, ModelFacts] = {}

    def of(self, prompt: Prompt) -> tuple[ModelFacts, ...]:
        """The prompt's model and its fallbacks."""
        names = dict.fromkeys(name for name in (prompt.model, *prompt.fallbacks) if name)
        return tuple(self._with_params(name, prompt) for name in names)

    def _with_params(self, name: str, prompt: Prompt) -> ModelFacts:
        from dataclasses import replace

        from promptctl.models.catalog import refused_params

        if name not in self._known:
            self._known[name] = self._facts(name)
        if not prompt.params or self._is_elsewhere(name):
            return self._known[name]
        return replace(self._known[name], refused=refused_params(name, prompt.params))

    def _facts(self, name: str) -> ModelFacts:
        from promptctl.models import catalog  # 30 ms: LiteLLM's table
        from promptctl.models.facts import facts, fixed_version

        if self._is_elsewhere(name):
            return ModelFacts(name)
        known = facts(name)
        unknown = "" if name in self.settings.prices else catalog.unknown_because(name)
        near = catalog.nearest(name) if unknown else None
        date_ = known.deprecation_date if known is not None else None
        return ModelFacts(
            name=name,
            unknown=unknown,
            suggestion=f"Did you mean '{near}'?"
            if near
            else "Write provider/model, as LiteLLM does."
            if unknown
            else "",
            deprecated=date_,
            successor=catalog.successor(name, self.today) if date_ else None,
            dated=fixed_version(name) if known is not None else None,
            max_input=None if known is None else known.max_input,
            max_output=None if known is None else known.max_output,
        )

    def _is_elsewhere(self, name: str) -> bool:
        """Whether it is sent to a server of the user's own, which may serve anything by any name."""
        from promptctl.models.endpoints import endpoint_of
        from promptctl.models.facts import provider_of

        whole = name if provider_of(name) else f"openai/{name}"  # LiteLLM's own reading of a bare name
        return endpoint_of(whole, self.settings.providers, self.environ) is not None


def asserted(specs: Specs) -> frozenset[str]:
    """The variables that assertions look up."""
    found: set[str] = set()
    for text in texts_in(list(specs)):
        try:
            found |= analyse(text).variables
        except TemplateProblem:
            continue
    return frozenset(found)


def which_need_expected(specs: Specs) -> tuple[str, ...]:
    """The types of the assertions that say nothing without `expected`, in order."""
    if not specs:
        return ()
    from promptctl.scoring.registry import parse_all

    try:
        found = parse_all(specs, "")
    except FileError:
        return ()
    return tuple(dict.fromkeys(name for one in found for name in _needing(one)))


def uses_code(specs: Specs) -> bool:
    """Whether any of them runs code, which sees all variables."""
    return any(str(spec.get("type", "")).endswith("python") or uses_code(_members(spec)) for spec in specs)


def _members(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    members = spec.get("assert")
    return [one for one in members if isinstance(one, Mapping)] if isinstance(members, list) else []


def _needing(assertion: Any) -> Iterator[str]:
    if assertion.needs_expected:
        yield assertion.type
    for member in assertion.members:
        yield from _needing(member)
