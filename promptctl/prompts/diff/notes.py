"""What a reader of a diff should be warned of."""

from datetime import date, timedelta

from promptctl.prompts.diff.markers import marker_warnings
from promptctl.prompts.diff.prefix import lost_prefix
from promptctl.prompts.diff.prompt_diff import KnownModel, PromptDiff
from promptctl.prompts.diff.wording import wording_warnings
from promptctl.prompts.prompt import Prompt

_SOON = timedelta(days=90)  # until a date that is worth a warning
NO_MODEL = "no model: set 'model' in the prompt or in .promptctl.yaml"


def warnings(old: Prompt | None, new: Prompt | None, found: PromptDiff) -> tuple[str, ...]:
    """The warnings, most serious first."""
    said: list[str] = []
    if new is not None:
        said.extend(new.warnings)
        # One that never had a model has none by intent: whoever replays it is told then.
        if new.model is None and (old is None or old.model is not None):
            said.append(NO_MODEL)
    if old is not None and new is not None:
        said.extend(wording_warnings(found.messages))
        said.extend(marker_warnings(old, new, found.messages))
        lost = lost_prefix(old, new)
        if lost is not None:
            said.append(prefix_warning(f"{len(lost.text):,} characters"))
    return tuple(said)


def prefix_warning(amount: str) -> str:
    """The sentence about text that the provider's cache loses."""
    return f"a variable stands ahead of {amount} that the provider's prefix cache held before"


def model_warnings(model: str, known: KnownModel, today: date, *, fresh: bool) -> list[str]:
    """What the table says against a model; that it is an alias is said where it is `fresh` in the prompt."""
    said = []
    if known.deprecated is not None and known.deprecated <= (today + _SOON).isoformat():
        verb = "was retired on" if known.deprecated <= today.isoformat() else "will be retired on"
        said.append(f"model {model} {verb} {known.deprecated}")
    if fresh and known.dated:
        said.append(f"model {model} is an alias: what it stands for may change; a fixed version is {known.dated}")
    elif fresh and model.endswith("-latest"):
        said.append(f"model {model} is an alias: what it stands for may change")
    return said
