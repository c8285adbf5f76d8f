"""A prompt and a PromptDiff -> the prompt that the diff leads to."""

from collections.abc import Mapping

from promptctl.prompts.diff import fields
from promptctl.prompts.diff.alignment import message_key
from promptctl.prompts.diff.fields import MODEL, RESPONSE, Mismatch
from promptctl.prompts.diff.messages import MessageDiff
from promptctl.prompts.diff.prompt_diff import Change, PromptDiff
from promptctl.prompts.prompt import Message, Prompt


def patch(old: Prompt | None, change: PromptDiff) -> Prompt | None:
    """`patch(a, diff(a, b)) == b`, also where one of them is None. Raises Mismatch where `old` is not what it was."""
    if (old is None) != (change.change is Change.ADDED):
        raise Mismatch("the diff was made for a prompt that is absent" if old else "the diff takes a prompt")
    if change.change is Change.REMOVED:
        return None
    before = old or Prompt(change.name, change.path, ())
    params = fields.patched(fields.params(old), change.params)
    model = params.pop(MODEL, None)
    hidden = f"params.{MODEL}"
    return Prompt(
        name=change.name,
        path=change.path,
        messages=_messages(before, change),
        model=model,
        params={MODEL if name == hidden else name: value for name, value in params.items()},
        tools=fields.patched_tools(before.tools, change.tools),
        response_format=fields.patched(fields.response(old), change.schema).get(RESPONSE),
        assertions=fields.patched_assertions(before.assertions, change.assertions),
        partials=_partials(before.partials, change),
        **fields.prompt_fields(fields.patched(fields.other(old, whole=True), change.other)),
    )


def _messages(old: Prompt, change: PromptDiff) -> tuple[Message, ...]:
    before = {found.old_index: found for found in change.messages if found.old_index is not None}
    if {*before} != {*range(len(old.messages))} or not all(
        _is(old.messages[index], found) for index, found in before.items()
    ):
        raise Mismatch("the diff was made for other messages")
    after = {found.new_index: found.new for found in change.messages if found.new_index is not None}
    return tuple(message for _, message in sorted(after.items()) if message is not None)


def _is(message: Message, found: MessageDiff) -> bool:
    return found.old is not None and message_key(message) == message_key(found.old)


def _partials(old: Mapping[str, str], change: PromptDiff) -> dict[str, str]:
    found = dict(old)
    for partial in change.partials:
        if found.get(partial.path) != partial.old_text:
            raise Mismatch(f"the diff was made for another {partial.path}")
        if partial.new_text is None:
            del found[partial.path]
        else:
            found[partial.path] = partial.new_text
    return found
