"""Two prompts -> PromptDiff: all that differs between them, and nothing lost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

from promptctl.prompts.analysis import variables
from promptctl.prompts.diff.messages import MessageDiff, MessageOp, diff_messages
from promptctl.prompts.diff.notes import notes
from promptctl.prompts.diff.values import ABSENT, ValueDiff, named_diffs, value_diff, value_diffs
from promptctl.prompts.diff.words import Segment, word_diff
from promptctl.prompts.prompt import JINJA, Prompt


class Change(Enum):
    """What happened to a prompt as a whole. A renamed one may be modified as well."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    RENAMED = "renamed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class VariablesDiff:
    """Variables, looked up or declared, that came and went; sorted."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartialDiff:
    """An included template that differs; None where one side does not include it."""

    path: str
    old_text: str | None
    new_text: str | None
    segments: tuple[Segment, ...]

    @property
    def op(self) -> str:
        """added, removed or changed."""
        if self.old_text is None:
            return "added"
        return "removed" if self.new_text is None else "changed"


@dataclass(frozen=True, slots=True)
class TokensDiff:
    """Tokens of the static text; None where a side has no prompt. `approximate`: not by the model's own tokenizer."""

    old: int | None
    new: int | None
    approximate: bool


@dataclass(frozen=True, slots=True)
class PromptDiff:
    """All that differs. `messages` holds the equal ones too; `schema` is the response format's.

    `other` holds description, fallbacks, volume, inputs, language and the declarations of variables.
    """

    name: str
    change: Change
    old_name: str | None = None
    old_path: str | None = None
    messages: tuple[MessageDiff, ...] = ()
    partials: tuple[PartialDiff, ...] = ()
    params: tuple[ValueDiff, ...] = ()
    variables: VariablesDiff = VariablesDiff()
    tools: tuple[ValueDiff, ...] = ()
    schema: tuple[ValueDiff, ...] = ()
    assertions: tuple[ValueDiff, ...] = ()
    other: tuple[ValueDiff, ...] = ()
    tokens: TokensDiff | None = None
    warnings: tuple[str, ...] = ()

    @property
    def has_content(self) -> bool:
        """Whether anything but name and path differs."""
        parts = (self.partials, self.params, self.tools, self.schema, self.assertions, self.other)
        return any(parts) or any(message.op is not MessageOp.EQUAL for message in self.messages)


def diff(old: Prompt | None, new: Prompt | None) -> PromptDiff:
    """What differs; one side may be absent, not both."""
    present = new or old
    if present is None:
        raise ValueError("nothing to compare: both prompts are absent")
    found = PromptDiff(
        name=present.name,
        change=Change.UNCHANGED,
        messages=diff_messages(() if old is None else old.messages, () if new is None else new.messages),
        partials=tuple(_partials({} if old is None else old.partials, {} if new is None else new.partials)),
        params=value_diffs(_params(old), _params(new)),
        variables=_variables(old, new),
        tools=_tools(old, new),
        schema=_schema(old, new),
        assertions=_assertions(old, new),
        other=value_diffs(_other(old), _other(new)),
    )
    found = replace(found, warnings=notes(old, new, found.messages))
    if old is None or new is None:
        return replace(found, change=Change.ADDED if old is None else Change.REMOVED)
    if (old.name, old.path) != (new.name, new.path):
        moved = old.path if old.path != new.path else None
        renamed = old.name if old.name != new.name else None
        return replace(found, change=Change.RENAMED, old_name=renamed, old_path=moved)
    return replace(found, change=Change.MODIFIED if found.has_content else Change.UNCHANGED)


def with_tokens(found: PromptDiff, old: Prompt | None, new: Prompt | None) -> PromptDiff:
    """The same diff with token counts; costs the tokenizer's 120 to 270 ms once."""
    from promptctl.prompts.tokens import prompt_tokens  # 5 ms: only who wants counts pays it

    counts = [None if prompt is None else prompt_tokens(prompt, prompt.model) for prompt in (old, new)]
    before, after = (None if count is None else count.tokens for count in counts)
    approximate = any(count.approximate for count in counts if count is not None)
    return replace(found, tokens=TokensDiff(before, after, approximate))


def _partials(old: Mapping[str, str], new: Mapping[str, str]) -> Sequence[PartialDiff]:
    paths = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
    return [
        PartialDiff(path, old.get(path), new.get(path), word_diff(old.get(path, ""), new.get(path, "")))
        for path in paths
    ]


def _params(prompt: Prompt | None) -> Mapping[str, Any]:
    if prompt is None:
        return {}
    model = {} if prompt.model is None else {"model": prompt.model}
    return {**model, **prompt.params}


def _variables(old: Prompt | None, new: Prompt | None) -> VariablesDiff:
    before, after = (
        frozenset[str]() if prompt is None else variables(prompt) | frozenset(prompt.variables) for prompt in (old, new)
    )
    return VariablesDiff(tuple(sorted(after - before)), tuple(sorted(before - after)))


def _tools(old: Prompt | None, new: Prompt | None) -> tuple[ValueDiff, ...]:
    before, after = ([] if prompt is None else _named_tools(prompt) for prompt in (old, new))
    found = named_diffs(before, after)
    if not found and [name for name, _ in before] != [name for name, _ in after]:
        # Their order reaches the model, and breaks the provider's prefix cache.
        return (ValueDiff("order", [name for name, _ in before], [name for name, _ in after]),)
    return found


def _named_tools(prompt: Prompt) -> list[tuple[str, Any]]:
    return [(str(tool.get("function", tool).get("name", tool.get("type"))), tool) for tool in prompt.tools]


def _schema(old: Prompt | None, new: Prompt | None) -> tuple[ValueDiff, ...]:
    before, after = (
        {} if prompt is None or prompt.response_format is None else {"response_format": prompt.response_format}
        for prompt in (old, new)
    )
    return value_diffs(before, after)


def _assertions(old: Prompt | None, new: Prompt | None) -> tuple[ValueDiff, ...]:
    """Assertions by place where as many are left over on both sides, else by what they say."""
    before = [] if old is None else list(old.assertions)
    after = [] if new is None else list(new.assertions)
    if len(before) == len(after):
        return value_diffs(_by_place(before), _by_place(after))
    gone = [(index, item) for index, item in enumerate(before) if item not in after]
    came = [(index, item) for index, item in enumerate(after) if item not in before]
    removed = [value_diff(f"assert[{index}]", item, ABSENT) for index, item in gone]
    return (*removed, *(value_diff(f"assert[{index}]", ABSENT, item) for index, item in came)) or (
        value_diff("assert", before, after),
    )


def _by_place(assertions: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {f"assert[{index}]": assertion for index, assertion in enumerate(assertions)}


def _other(prompt: Prompt | None) -> dict[str, Any]:
    if prompt is None:
        return {}
    found = {
        "description": prompt.description or None,
        "fallbacks": list(prompt.fallbacks) or None,
        "volume": prompt.volume,
        "inputs": prompt.inputs,
        "language": None if prompt.language == JINJA else prompt.language,
    }
    declared = {f"variables.{name}": _without_name(asdict(found)) for name, found in prompt.variables.items()}
    return {key: value for key, value in found.items() if value is not None} | declared


def _without_name(declared: dict[str, Any]) -> dict[str, Any]:
    del declared["name"]
    return declared
