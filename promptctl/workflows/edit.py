"""A prompt's two versions -> what its replay's report shows of the edit."""

from promptctl.errors import PromptctlError
from promptctl.reports.edit import EditView
from promptctl.snapshot import Snapshot
from promptctl.workflows.plan import PromptRun


def edit_of(prompt: PromptRun, old: Snapshot, new: Snapshot) -> EditView | None:
    """What the edit changed; None where nothing did, or it cannot be told: a report is not worth failing for it."""
    from promptctl.prompts.diff import diff
    from promptctl.reports.edit_making import edit_view

    pair = prompt.pair
    try:
        found = diff(prompt.old, prompt.new)
        before = old.data(pair.old.name) if pair.old is not None else b""
        after = new.data(pair.new.name) if pair.new is not None else b""
    except PromptctlError:
        return None
    edit = edit_view(found, inputs_changed="inputs" in pair.parts, old=before, new=after)
    return None if edit.is_empty else edit
