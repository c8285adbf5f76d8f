"""A JSON Schema -> the first place where a value breaks it, in bounded time and without the network."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from promptctl.scoring import formats
from promptctl.scoring.text import PATTERN_SECONDS, pattern

SECONDS = 2.0  # Processor time. One validation: an answer of 10 MB, or a schema that doubles itself, stops here.

DEEPEST = 180  # Keywords inside each other. At the interpreter's own bound the library's compiled part would panic.

_deadline: ContextVar[float] = ContextVar("deadline")
_depth: ContextVar[int] = ContextVar("depth", default=0)


class TooSlow(ValueError):
    """A validation that takes longer than it may."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that was found valid."""

    validator: Any

    def breach(self, value: Any) -> str | None:
        """Where and why the value breaks the schema first; None where it conforms. RecursionError: it is too deep."""
        token = _deadline.set(time.thread_time() + SECONDS)
        try:
            error = next(self.validator.iter_errors(value), None)
        finally:
            _deadline.reset(token)
            _depth.set(0)
        return None if error is None else f"{error.json_path}: {_shortened(error.message)}"


def _shortened(message: str) -> str:
    return message if len(message) <= 160 else f"{message[:80]}…{message[-79:]}"


def schema(value: Any) -> Schema:
    """A JSON Schema, checked; ValueError says where it is wrong.

    Where it names no draft, it is read as 2020-12, or as 7 where only that fits. A remote `$ref` is never fetched.
    """
    import jsonschema  # 60 ms: only assertions with a schema pay it
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped] # it has no stubs

    drafts = jsonschema.validators
    latest = drafts.Draft202012Validator
    named = isinstance(value, dict) and "$schema" in value
    candidates = (drafts.validator_for(value, default=latest),) if named else (latest, drafts.Draft7Validator)
    errors = [_mistake(draft, value) for draft in candidates]
    if all(errors):
        raise ValueError(f"the JSON schema is invalid: {errors[0]}.")
    draft = candidates[errors.index(None)]
    _check_references(value, draft, REGISTRY)
    return Schema(_bounded(draft)(value, registry=REGISTRY, format_checker=_formats()))


def _mistake(draft: Any, value: Any) -> str | None:
    import jsonschema

    try:
        draft.check_schema(value, format_checker=_formats())
    except jsonschema.SchemaError as error:
        return f"{error.json_path}: {_shortened(error.message)}"
    except RecursionError:
        return "it is nested too deep"
    return None


def _check_references(value: Any, draft: Any, registry: Any) -> None:
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import specification_with

    whole = specification_with(str(draft.META_SCHEMA["$schema"])).create_resource(value)
    resolver = registry.with_resource("", whole).resolver()
    places = list(_mappings(value))
    if any(isinstance(place.get("$id"), str) for place in places[1:]):
        return  # References then start elsewhere; the validation itself finds what they mean.
    for reference in (place["$ref"] for place in places if isinstance(place.get("$ref"), str)):
        try:
            resolver.lookup(reference)
        except (Unresolvable, ValueError):
            raise ValueError(f"the JSON schema is invalid: $ref {reference!r} leads nowhere in it.") from None


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


@cache
def _bounded(draft: Any) -> Any:
    """The draft's validator, every keyword of which looks at the clock; patterns and uniqueness in ways that end."""
    from jsonschema import validators

    own = {
        "type": _nullable(draft.VALIDATORS["type"]),
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique_items,
    }
    keywords = {name: own.get(name, keyword) for name, keyword in draft.VALIDATORS.items()}
    timed = {name: _timed(keyword) for name, keyword in keywords.items()}
    return validators.extend(draft, timed)  # type: ignore[no-untyped-call] # the stubs leave it out


Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


def _nullable(keyword: Keyword) -> Keyword:
    """`type`, where `nullable: true` beside it allows null too, as OpenAPI has it."""

    def typed(validator: Any, value: Any, instance: Any, parent: Any) -> Iterator[Any]:
        if instance is not None or parent.get("nullable") is not True:
            yield from keyword(validator, value, instance, parent) or ()

    return typed


def _timed(keyword: Keyword) -> Keyword:
    def timed(validator: Any, value: Any, instance: Any, parent: Any) -> Iterator[Any]:
        _look_at_the_clock()
        depth = _depth.get()
        if depth >= DEEPEST:
            raise RecursionError
        _depth.set(depth + 1)
        yield from keyword(validator, value, instance, parent) or ()
        _depth.set(depth)

    return timed


@lru_cache(maxsize=256)
def _compiled(source: str) -> Any:
    return pattern(source or "(?:)")


def _look_at_the_clock() -> None:
    if time.thread_time() > _deadline.get():
        raise TooSlow(f"checking the JSON schema took longer than {SECONDS:g} s.")


def _searched(source: str, text: str) -> bool:
    _look_at_the_clock()
    try:
        return bool(_compiled(source).search(text, timeout=PATTERN_SECONDS))
    except TimeoutError:
        raise TooSlow(f"a pattern of the JSON schema took longer than {PATTERN_SECONDS:g} s.") from None


def _pattern(validator: Any, value: str, instance: Any, _parent: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string") and not _searched(value, instance):
        yield ValidationError(f"{instance!r} does not match {value!r}")


def _pattern_properties(validator: Any, value: Mapping[str, Any], instance: Any, _parent: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for source, below in value.items():
        for key, item in instance.items():
            if _searched(source, key):
                yield from validator.descend(item, below, path=key, schema_path=source)


def _unique_items(validator: Any, value: bool, instance: Any, _parent: Any) -> Iterator[Any]:  # noqa: FBT001 - the keyword's value
    from jsonschema import ValidationError

    if not value or not validator.is_type(instance, "array"):
        return
    # By text instead of pair by pair: a list of a million objects would never end.
    texts = {_canonical_text(item) for item in instance}
    if len(texts) < len(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")


def _canonical_text(value: Any) -> str:
    _look_at_the_clock()
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: Any) -> Any:
    """1.0 and 1 are one number in JSON Schema."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    return value


@cache
def _formats() -> Any:
    """Formats are checked, as promptfoo does; also those for which jsonschema wants further packages."""
    import jsonschema

    checker = jsonschema.FormatChecker()
    for name, check in formats.checks().items():
        checker.checks(name)(check)
    checker.checks("regex", raises=ValueError)(_is_pattern)
    return checker


def _is_pattern(value: object) -> bool:
    return not isinstance(value, str) or bool(_compiled(value))
