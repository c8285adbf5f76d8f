"""The cases of a replay that passed before and fail now -> what is asked of them again."""

from collections.abc import Sequence
from functools import partial
from itertools import product

from promptctl.settings import Settings
from promptctl.verdict.confirm import Confirmation
from promptctl.verdict.suspect import is_suspect, suspects
from promptctl.workflows.asking import Fresh
from promptctl.workflows.early import Early
from promptctl.workflows.plan import PromptRun


def doubted(prompts: Sequence[PromptRun], settings: Settings, early: Early | None) -> dict[tuple[str, bool], Fresh]:
    """The suspects of every prompt, those that are excused (True) apart, so that they have no part in what is said of
    the others. Each of m compared prompts has its share of alpha: alpha / m.
    """
    found: dict[tuple[str, bool], Fresh] = {}
    for prompt, excused in product(prompts, (False, True)):
        if not prompt.comparable:
            continue
        places = {
            pair.id: place
            for place, pair in enumerate(prompt.facts)
            if is_suspect(pair) and (pair.id in prompt.excused.by_case) == excused
        }
        if not places:
            continue
        begin = partial(
            Confirmation,
            suspects(prompt.facts[place] for place in places.values()),
            alpha=level(prompts, settings),
            max_samples=settings.confirm.max_samples,
            allowed=settings.gate.max_regressions,
            early=None if early is None or excused else early.p_value(prompt),
        )
        drawn = sorted(places[case] for case in begin().result().fresh)
        found[prompt.pair.name, excused] = Fresh(prompt, begin, {run.case.id: run for run in prompt.runs_at(drawn)})
    return found


def level(prompts: Sequence[PromptRun], settings: Settings) -> float:
    """A prompt's share of the run's false-alarm rate."""
    return settings.gate.alpha / max(1, sum(1 for prompt in prompts if prompt.comparable))


def said_of(fresh: Sequence[Fresh]) -> str | None:
    """What is about to be asked again; None where no fresh answers could confirm anything: the report says so."""
    told = [one.confirmation.result() for one in fresh]
    count = sum(one.suspects for one in told if one.possible)
    if not count:
        return None
    cases = "1 case passed before and fails" if count == 1 else f"{count} cases passed before and fail"
    return f"{cases} now: asking again, fresh, on both sides"
