"""A diff with what takes more than two prompts to tell: tokens, cost, what is known of the model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from promptctl.prompts.diff.fields import MODEL
from promptctl.prompts.diff.notes import model_warnings, prefix_warning
from promptctl.prompts.diff.prefix import lost_prefix
from promptctl.prompts.diff.prompt_diff import CostDiff, KnownModel, PromptDiff, TokensDiff
from promptctl.prompts.diff.resolved import resolved_messages
from promptctl.prompts.prompt import Prompt

if TYPE_CHECKING:
    from promptctl.settings import Price  # 10 ms with what reads settings: git's driver has none

_A_MONTH = {"hour": 730.0, "day": 365 / 12, "week": 365 / 84, "month": 1.0, "year": 1 / 12}


def with_tokens(found: PromptDiff, old: Prompt | None, new: Prompt | None) -> PromptDiff:
    """The same diff with token counts; costs the tokenizer's 120 to 270 ms once. What is included counts as often."""
    from promptctl.prompts.tokens import is_approximate  # 5 ms: only who wants counts pays it

    sides = [prompt for prompt in (old, new) if prompt is not None]
    counted = TokensDiff(_tokens(old), _tokens(new), any(is_approximate(prompt.model) for prompt in sides))
    return replace(found, tokens=counted)


def with_lost_tokens(found: PromptDiff, old: Prompt | None, new: Prompt | None) -> PromptDiff:
    """The same diff; where text fell out of the provider's prefix cache, the warning says how many tokens that is.

    Imports the tokenizer only then.
    """
    lost = None if old is None or new is None else lost_prefix(old, new)
    if lost is None or new is None:
        return found
    from promptctl.prompts.tokens import count, is_approximate

    about = "about " if is_approximate(new.model) else ""
    before, after = f"{len(lost.text):,} characters", f"{about}{count(lost.text, new.model):,} tokens"
    said = [prefix_warning(after) if warning == prefix_warning(before) else warning for warning in found.warnings]
    return replace(found, warnings=tuple(said))


def _tokens(prompt: Prompt | None) -> int | None:
    from promptctl.prompts.tokens import prompt_tokens

    if prompt is None:
        return None
    messages = resolved_messages(prompt)
    whole = prompt if messages is None else replace(prompt, messages=messages, partials={})
    return prompt_tokens(whole, prompt.model).tokens


def with_costs(
    found: PromptDiff, old: Prompt | None, new: Prompt | None, prices: "Sequence[Price | None]"
) -> PromptDiff:
    """The same diff with what the counted tokens cost at the price of each side's model; None is unknown."""
    if found.tokens is None:
        return found
    costs = [
        None if tokens is None or price is None else tokens * price.input_per_million / 1e6
        for tokens, price in zip((found.tokens.old, found.tokens.new), prices, strict=True)
    ]
    months = [
        None if cost is None or (calls := calls_a_month(prompt)) is None else cost * calls
        for cost, prompt in zip(costs, (old, new), strict=True)
    ]
    return replace(found, cost=CostDiff(*costs, *months))


def calls_a_month(prompt: Prompt | None) -> float | None:
    """What `volume` says, `1200000/month`; None where it says nothing."""
    if prompt is None or prompt.volume is None:
        return None
    number, _, period = prompt.volume.partition("/")
    try:
        return float(number.strip().replace("_", "")) * _A_MONTH[period.strip()]
    except (ValueError, KeyError):
        return None


def with_model(found: PromptDiff, new: Prompt, known: KnownModel, today: date) -> PromptDiff:
    """The same diff with what speaks against the new model, and against so long a prompt for it."""
    fresh = any(value.path == MODEL for value in found.params)
    said = [] if new.model is None else model_warnings(new.model, known, today, fresh=fresh)
    tokens = None if found.tokens is None else found.tokens.new
    if tokens is not None and known.max_input is not None and tokens > known.max_input:
        window = f"{known.max_input:,} tokens"
        said.append(f"the prompt has {tokens:,} tokens before any variable; {new.model} takes {window}")
    return replace(found, warnings=(*found.warnings, *said))
