"""Recorded answers, asked again: do they match what was recorded?

Recordings are checked in, so whoever writes a change can write answers too. An audit draws some of those that a replay
rested on and asks the provider once more. Which ones is not to be foreseen: the draw is seeded by the system's own
randomness, unless a seed was given.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from random import Random

from promptctl.errors import UserError
from promptctl.models.call import Answer, Call, CallFailed, Origin, Reply
from promptctl.reports.numbers import plural
from promptctl.reports.view import PromptView, ReplayReport

Ask = Callable[[Iterable[Call]], Iterator[tuple[Call, Answer]]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded answer that a prompt's verdict rests on."""

    prompt: str
    call: Call
    reply: Reply


@dataclass(frozen=True, slots=True)
class Audited:
    """A recorded answer beside the one that came now."""

    recorded: Recorded
    live: Answer

    @property
    def differs(self) -> bool:
        """Whether the model said something else. A model that is asked at a temperature may do so in good faith."""
        return isinstance(self.live, Reply) and (
            (self.live.text, self.live.called) != (self.recorded.reply.text, self.recorded.reply.called)
        )


def share_of(text: str) -> float:
    """`5%` or `0.05` -> 0.05. Raises UserError for what is no share above 0 and up to 1."""
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise UserError(f"--audit {text}: no share.", hint="As 5% or 0.05; 100% asks all of them again.")
    return share


def drawn(used: Iterable[Recorded], share: float, random: Random) -> list[Recorded]:
    """The share of the recorded answers that is asked again, at least one of them."""
    recorded = sorted(
        (one for one in used if one.reply.origin is Origin.RECORDING), key=lambda one: one.call.fingerprint
    )
    return random.sample(recorded, min(len(recorded), ceil(share * len(recorded))))


def audited(chosen: Sequence[Recorded], ask: Ask) -> list[Audited]:
    """Ask again, past every answer that is known."""
    by_fingerprint = {one.call.fingerprint: one for one in chosen}
    answers = ask([one.call for one in by_fingerprint.values()])
    return [Audited(by_fingerprint[call.fingerprint], answer) for call, answer in answers]


def lines(found: Sequence[Audited]) -> list[str]:
    """What an audit says, the differences one by one."""
    failed = [one for one in found if isinstance(one.live, CallFailed)]
    differing = [one for one in found if one.differs]
    asked = len(found) - len(failed)
    said = [f"audit: {plural(asked, 'recorded answer')} asked again, {_differ(len(differing))} what was recorded"]
    said += [
        f"audit: {one.recorded.prompt}: recorded {one.recorded.reply.said!r:.120}, live {one.live.said!r:.120} "
        f"({one.recorded.call.fingerprint[:12]})"
        for one in differing
        if isinstance(one.live, Reply)
    ]
    return said + [
        f"audit: {one.recorded.prompt}: {one.live.reason}" for one in failed if isinstance(one.live, CallFailed)
    ]


def _differ(count: int) -> str:
    return {0: "none differs from", 1: "1 differs from"}.get(count, f"{count} differ from")


def with_audit(report: ReplayReport, found: Sequence[Audited], *, calls: int, spent_usd: float | None) -> ReplayReport:
    """The report with what the audit found and took. It moves no verdict: noise and forgery look alike."""
    spent = None if spent_usd is None or report.totals.spent_usd is None else report.totals.spent_usd + spent_usd
    totals = replace(report.totals, calls=report.totals.calls + calls, spent_usd=spent)
    prompts = tuple(
        _with_reason(view, [one for one in found if one.recorded.prompt == view.prompt]) for view in report.prompts
    )
    return replace(report, totals=totals, prompts=prompts)


def _with_reason(view: PromptView, found: Sequence[Audited]) -> PromptView:
    differing = [one.recorded.call.fingerprint[:12] for one in found if one.differs]
    if not differing:
        return view
    said = (
        f"audit: {len(differing)} of {plural(len(found), 'recorded answer')} asked again {_differ(len(differing))[2:]}"
    )
    return replace(view, reasons=(*view.reasons, f"{said} what was recorded: {', '.join(differing)}"))
