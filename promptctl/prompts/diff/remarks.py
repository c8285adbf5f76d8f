"""What is worth knowing of a diff, a sentence each: edits of form, moves, renames, includes."""

import re
from collections.abc import Iterator, Mapping, Sequence

from promptctl.prompts.diff.messages import MessageDiff, MessageOp
from promptctl.prompts.diff.prompt_diff import PromptDiff
from promptctl.prompts.diff.words import Fold, Op, Segment

_MOST = 8  # numbers that are listed one by one
_SAID: Mapping[Fold, str] = {Fold.BULLET: "another bullet", Fold.HEADING: "headings written otherwise"}
_GREW = 0.1  # share of the resolved text from which its growth is worth a word
_NUMBER = re.compile(r"\d+")


def remarks(found: PromptDiff) -> tuple[str, ...]:
    """The remarks, in the order of the parts that they are about."""
    return (
        *_resolved(found),
        *_variables(found),
        *_blank(found.messages),
        *(said for message in found.messages for said in _message(message)),
        *_parts(found.messages),
    )


def _resolved(found: PromptDiff) -> Iterator[str]:
    resolved = found.resolved
    if resolved is None:
        return
    names = ", ".join(partial.path for partial in found.partials)
    came = any(partial.old_text is None for partial in found.partials)
    went = any(partial.new_text is None for partial in found.partials)
    differs = any(message.op is not MessageOp.EQUAL for message in found.messages)
    if (differs or names) and (resolved.unchanged or all(one.form_only for one in resolved.messages)):
        what = "unchanged" if resolved.unchanged else "unchanged but for its form"
        moved = "text moved into" if came and not went else "text moved out of" if went and not came else "text moved"
        where = f" {names}" if names else ""
        yield f"{moved}{where or ' between messages and partials'}; the resolved prompt is {what}"
        return
    old, new = resolved.old_characters, resolved.new_characters
    if abs(new - old) > _GREW * max(old, 1) and (came or went or not names):
        yield f"the resolved prompt went from {old:,} to {new:,} characters{_times(old, new)}"


def _times(old: int, new: int) -> str:
    return f" ({new / old:.1f} times as long)" if old and new >= 1.5 * old else ""


def _variables(found: PromptDiff) -> Iterator[str]:
    yield from (f"variable '{one.old}' is called '{one.new}' now" for one in found.variables.renamed)
    yield from (f"'{name}' was plain text and is a variable now" for name in found.variables.live)
    yield from (f"'{name}' was a variable and is plain text now" for name in found.variables.dead)


def _blank(messages: Sequence[MessageDiff]) -> Iterator[str]:
    blank = [one for one in messages if one.op is MessageOp.CHANGED and one.whitespace_only and _same_role(one)]
    if blank:
        where = ", ".join(f"{(message.new_index or 0) + 1} ({message.new_role})" for message in blank)
        yield f"only whitespace changed in message {where}{_whitespace(blank)}"


def _same_role(message: MessageDiff) -> bool:
    return message.old_role == message.new_role


def _whitespace(messages: Sequence[MessageDiff]) -> str:
    """What kind of white space, where it is one kind."""
    kinds = {kind for message in messages for kind in _kinds(message.segments)}
    return f": {kinds.pop()}" if len(kinds) == 1 else ""


def _kinds(segments: Sequence[Segment]) -> Iterator[str]:
    for place, segment in enumerate(segments):
        if segment.op is Op.EQUAL or segment.fold is not Fold.WHITESPACE:
            continue
        before = segments[place - 1] if place else None
        if segment.op is Op.INSERT and before is not None and before.op is Op.DELETE:
            continue
        after = segments[place + 1] if place + 1 < len(segments) else None
        came = after.text if segment.op is Op.DELETE and after is not None and after.op is Op.INSERT else ""
        went, came = (segment.text, came) if segment.op is Op.DELETE else ("", segment.text)
        yield _kind(went, came, after is None)


def _kind(went: str, came: str, at_end: bool) -> str:  # noqa: FBT001 - one call, beside the other facts of the place
    if (went + came).strip("\r") == "" or went.replace("\r\n", "\n") == came.replace("\r\n", "\n"):
        return "line ends"
    if ("\n" in went) != ("\n" in came):
        return "the end of the text" if at_end else "lines wrapped otherwise"
    return "blank lines" if "\n" in went else "blanks"


def _message(message: MessageDiff) -> Iterator[str]:
    """Renumbering, another form and moves inside one message."""
    where = f"message {(message.new_index or message.old_index or 0) + 1}"
    folds = {segment.fold for segment in message.segments if segment.fold is not None}
    if Fold.RENUMBERED in folds:
        yield f"{where}: list renumbered{_numbers(message.segments)}"
    others = [said for fold, said in _SAID.items() if fold in folds]
    if message.form_only and others:
        blank = ["whitespace"] if Fold.WHITESPACE in folds else []
        yield f"{where}: only the form changed: {', '.join([*others, *blank])}"
    moved = [one for one in message.segments if one.move is not None and one.op is Op.INSERT]
    if moved:
        lines = sum(max(1, one.text.strip("\n").count("\n") + 1) for one in moved)
        yield f"{where}: {f'{lines} lines' if lines > 1 else 'a text'} moved inside the message"


def _numbers(segments: Sequence[Segment]) -> str:
    went = [_first(one) for one in segments if one.fold is Fold.RENUMBERED and one.op is Op.DELETE]
    came = [_first(one) for one in segments if one.fold is Fold.RENUMBERED and one.op is Op.INSERT]
    if len(went) != len(came) or len(went) > _MOST:
        return f" ({len(came)} items)"
    return f": {', '.join(f'{old} is {new} now' for old, new in zip(went, came, strict=True))}"


def _first(segment: Segment) -> str:
    number = _NUMBER.search(segment.text)
    return number[0] if number else segment.text.strip()


def _parts(messages: Sequence[MessageDiff]) -> Iterator[str]:
    for op, one, many in ((MessageOp.SPLIT, "old_index", "new_index"), (MessageOp.MERGED, "new_index", "old_index")):
        groups: dict[int, list[int]] = {}
        for message in messages:
            if message.op is op:
                groups.setdefault(getattr(message, one), []).append(getattr(message, many))
        for whole, parts in groups.items():
            numbers = " and ".join([", ".join(str(part + 1) for part in parts[:-1]), str(parts[-1] + 1)])
            if op is MessageOp.SPLIT:
                yield f"message {whole + 1} was split into messages {numbers}"
            else:
                yield f"messages {numbers} were merged into message {whole + 1}"
