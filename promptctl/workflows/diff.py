"""Two revisions -> what changed in each prompt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from promptctl.errors import InvalidPrompt, NothingSelected, Problem, PromptctlError
from promptctl.prompts.diff import KnownModel, PromptDiff, diff, with_costs, with_lost_tokens, with_model, with_tokens
from promptctl.prompts.prompt import LITERAL, Message, Prompt
from promptctl.reports.diff_view import DiffItem, DiffReport
from promptctl.reports.sides import SourceView
from promptctl.settings import Price
from promptctl.snapshot import Change, PromptFile, PromptPair, Snapshot
from promptctl.versions.source import Revisions
from promptctl.workflows.inventory import case_vars


@dataclass(frozen=True, slots=True)
class Wanted:
    """`tokens`: count them; `rendered`: the id of a stored input to fill in ("": the first), None for the templates.

    `prices` are those of the settings, by model; `today` tells which models are past their date, None asks of none.
    """

    tokens: bool = False
    rendered: str | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    today: date | None = None


def shown(pairs: Sequence[PromptPair]) -> tuple[PromptPair, ...]:
    """The pairs that differ, be it by name alone."""
    return tuple(pair for pair in pairs if pair.change is not Change.UNCHANGED)


def unreadable(pairs: Sequence[PromptPair], new: Snapshot) -> tuple[Problem, ...]:
    """Why prompts cannot be read that are the same on both sides."""
    problems: list[Problem] = []
    for pair in pairs:
        if pair.new is not None and pair.change is Change.UNCHANGED:
            try:
                new.prompt(pair.new.name)
            except InvalidPrompt as error:
                problems += error.problems
    return tuple(dict.fromkeys(problems))


def diff_report(
    revisions: Revisions,
    old: Snapshot,
    new: Snapshot,
    pairs: Sequence[PromptPair],
    wanted: Wanted,
) -> DiffReport:
    """What changed in each of these prompts. One that cannot be read is named, and the others are shown.

    Raises NothingSelected where `wanted.rendered` is the id of no input of any of them.
    """
    items = tuple(_item(pair, old, new, wanted) for pair in pairs)
    if wanted.rendered is not None and pairs and all(_lacks_input(item) for item in items):
        what = f"an input '{wanted.rendered}'" if wanted.rendered else "stored inputs"
        raise NothingSelected(f"no changed prompt has {what}.", hint="See its inputs file.")
    return DiffReport(
        old=SourceView(revisions.old.revision, revisions.old.commit),
        new=SourceView(revisions.new.revision, revisions.new.commit),
        prompts=items,
    )


def _lacks_input(item: DiffItem) -> bool:
    return item.diff is None


def _item(pair: PromptPair, old: Snapshot, new: Snapshot, wanted: Wanted) -> DiffItem:
    after, problems = _read(new, pair.new)
    before, of_old = _read(old, pair.old)
    # What both sides have wrong is said of the new one, which can be mended.
    problems = (*problems, *(f"{old.source.revision}:{line}" for line in of_old if line not in problems))
    found: PromptDiff | None = None
    if not problems:
        try:
            found = _found(pair, before, after, new if pair.new is not None else old, wanted)
        except PromptctlError as error:
            problems = error.lines()
    return DiffItem(
        name=pair.name,
        old_name=pair.old_name,
        old_path=pair.old_path,
        change=pair.change.value,
        diff=found,
        problems=tuple(dict.fromkeys(problems)),
        inputs_changed="inputs" in pair.parts,
        path=next(file.path for file in (pair.new, pair.old) if file is not None),
    )


def _read(snapshot: Snapshot, file: PromptFile | None) -> tuple[Prompt | None, tuple[str, ...]]:
    if file is None:
        return None, ()
    try:
        return snapshot.prompt(file.name), ()
    except InvalidPrompt as error:
        return None, error.lines()


def _found(
    pair: PromptPair,
    before: Prompt | None,
    after: Prompt | None,
    inputs_of: Snapshot,
    wanted: Wanted,
) -> PromptDiff:
    if wanted.rendered is not None:
        values = case_vars(inputs_of, pair.name, wanted.rendered)
        before, after = _filled(before, values), _filled(after, values)
    found = with_lost_tokens(diff(before, after), before, after)
    if wanted.tokens:
        found = _counted(found, before, after, wanted)
    if after is not None and after.model and wanted.today is not None:
        found = _with_model(found, before, after, wanted.today)
    if "inputs" in pair.parts:
        found = replace(found, remarks=(*found.remarks, "the stored inputs differ"))
    return replace(found, old_name=pair.old_name, old_path=pair.old_path)


def _counted(found: PromptDiff, before: Prompt | None, after: Prompt | None, wanted: Wanted) -> PromptDiff:
    from promptctl.models.facts import price

    models = [None if prompt is None else prompt.model for prompt in (before, after)]
    prices = [None if model is None else price(model, wanted.prices) for model in models]
    return with_costs(with_tokens(found, before, after), before, after, prices)


def _with_model(found: PromptDiff, before: Prompt | None, after: Prompt, today: date) -> PromptDiff:
    """What is known of the model: of one that is new to the prompt, also of which version it is an alias."""
    is_new = before is None or before.model != after.model
    if after.model is None:
        return found
    from promptctl.models.facts import facts, fixed_version  # 4 ms; 30 for a new model

    known = facts(after.model)
    return with_model(
        found,
        after,
        KnownModel(
            deprecated=None if known is None else known.deprecation_date,
            dated=fixed_version(after.model) if is_new else None,
            max_input=None if known is None else known.max_input,
        ),
        today,
    )


def _filled(prompt: Prompt | None, values: Mapping[str, Any]) -> Prompt | None:
    """The prompt with its messages rendered: what the model sees, in place of the templates."""
    from promptctl.prompts.template import Renderer  # 62 ms: jinja2

    if prompt is None:
        return None
    messages = tuple(
        Message(message.role, message.content if isinstance(message.content, str) else tuple(message.content))
        for message in Renderer(prompt).render(values)
    )
    return replace(prompt, messages=messages, language=LITERAL, script=None, partials={})
