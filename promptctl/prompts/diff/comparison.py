"""Two prompts -> PromptDiff: all that differs between them, and nothing lost."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from promptctl.prompts.diff import fields
from promptctl.prompts.diff.messages import diff_messages
from promptctl.prompts.diff.notes import warnings
from promptctl.prompts.diff.prompt_diff import Change, PartialDiff, PromptDiff
from promptctl.prompts.diff.remarks import remarks
from promptctl.prompts.diff.resolved import resolved_diff
from promptctl.prompts.diff.text import text_diff
from promptctl.prompts.diff.values import value_diffs
from promptctl.prompts.diff.variables import variables_diff
from promptctl.prompts.prompt import Prompt


def diff(old: Prompt | None, new: Prompt | None) -> PromptDiff:
    """What differs; one side may be absent, not both."""
    present = new or old
    if present is None:
        raise ValueError("nothing to compare: both prompts are absent")
    messages = diff_messages(() if old is None else old.messages, () if new is None else new.messages)
    found = PromptDiff(
        name=present.name,
        path=present.path,
        change=Change.UNCHANGED,
        messages=messages,
        partials=tuple(_partials({} if old is None else old.partials, {} if new is None else new.partials)),
        resolved=None if old is None or new is None else resolved_diff(old, new),
        params=value_diffs(fields.params(old), fields.params(new)),
        variables=variables_diff(old, new, messages),
        tools=fields.tools_diff(() if old is None else old.tools, () if new is None else new.tools),
        schema=value_diffs(fields.response(old), fields.response(new)),
        assertions=fields.assertions_diff(() if old is None else old.assertions, () if new is None else new.assertions),
        other=fields.other_diff(old, new),
    )
    found = replace(found, change=_change(old, new, found))
    if old is not None and new is not None:
        moved = old.path if old.path != new.path else None
        found = replace(found, old_name=old.name if old.name != new.name else None, old_path=moved)
    return replace(found, warnings=warnings(old, new, found), remarks=remarks(found))


def _change(old: Prompt | None, new: Prompt | None, found: PromptDiff) -> Change:
    if old is None or new is None:
        return Change.ADDED if old is None else Change.REMOVED
    if (old.name, old.path) != (new.name, new.path):
        return Change.RENAMED
    return Change.MODIFIED if found.has_content else Change.UNCHANGED


def _partials(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[PartialDiff]:
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield PartialDiff(path, old.get(path), new.get(path), text_diff(old.get(path, ""), new.get(path, "")))
