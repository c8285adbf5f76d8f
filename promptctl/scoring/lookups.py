"""Which variables the templates of raw assertions look up: known before anybody is asked."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from promptctl.documents import texts_in
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.template import RenderError, evaluate
from promptctl.scoring.assertion import Spec
from promptctl.scoring.kinds import KINDS

EXPECTED = frozenset({"expected"})
GIVEN = {"value": EXPECTED, "threshold": EXPECTED, "transform": EXPECTED | {"output", "json"}}


def lookups(specs: Sequence[Any], names: AbstractSet[str]) -> dict[str, str]:
    """Variables beside `names` without which a template cannot do -> the type of an assertion that has it."""
    found: dict[str, str] = {}
    for name, key, text in _templates(specs):
        try:
            own = analyse(text)
        except TemplateProblem:
            continue  # whoever reads the assertion says so
        found.update(dict.fromkeys(own.variables - own.optional - GIVEN[key] - names - found.keys(), name))
    return found


def met(specs: Sequence[Any], values: Mapping[str, Any], wanted: AbstractSet[str]) -> frozenset[str]:
    """Those of the `wanted` that scoring with these values comes upon: a branch that is not taken asks for nothing."""
    found: set[str] = set()
    for _, key, text in _templates(specs):
        if key == "transform":  # what it looks up may depend on the answer
            found |= lookups([{"type": "equals", key: text}], values.keys()).keys() & wanted
            continue
        try:
            evaluate(text, values)
        except RenderError as error:
            found |= {error.variable} & wanted if error.variable is not None else set()
    return frozenset(found)


def _templates(specs: Sequence[Any]) -> Iterator[tuple[str, str, str]]:
    """The type, the key and each text that is filled in, of assertions and of the members of sets."""
    for spec in specs:
        kind = KINDS.get(str(spec.get("type")).removeprefix("not-")) if isinstance(spec, Mapping) else None
        if kind is None:
            continue
        name = str(spec["type"])
        keys = [key for key in GIVEN if key in spec and not (key == "value" and (kind.code or kind.file))]
        yield from ((name, key, text) for key in keys for text in texts_in(spec[key]))
        if kind.members:
            yield from _templates(_list(spec))


def _list(spec: Spec) -> Sequence[Any]:
    members = spec.get("assert")
    return members if isinstance(members, list | tuple) else ()
