"""Judges held against people, as values that both formats show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.reports.safe import one_line
from promptctl.verdict.agreement import ADVISORY, MAY_GATE, Agreement, Standing

SHOWN = 10  # disagreements, and errors, that are named
_TEXT = 100  # characters of an answer or a reason

_MEANS = {
    Standing.GATES: f"may gate: the lower bound of kappa is at least {MAY_GATE}",
    Standing.UNPROVEN: f"may not gate yet: the lower bound of kappa is below {MAY_GATE}. Label more answers, "
    "or improve the judge",
    Standing.ADVISORY: f"advisory: kappa is below {ADVISORY}. Its judgements are shown and decide nothing",
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One answer of which the judge and the people do not say the same."""

    id: str
    label: bool
    judged: bool
    reason: str
    output: str


@dataclass(frozen=True, slots=True)
class JudgeView:
    """One judge's calibration. `prompt` is the path of its prompt, None where the package ships it."""

    type: str
    prompt: str | None
    model: str
    digest: str
    agreement: Agreement
    errors: tuple[str, ...] = ()
    apart: tuple[Disagreement, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it stands in the document."""
        found = self.agreement
        return {
            "type": self.type,
            "prompt": self.prompt,
            "model": self.model,
            "digest": self.digest,
            "labels": found.n,
            "errors": list(self.errors),
            "agreement": found.observed,
            "base_rate": found.base_rate,
            "kappa": found.kappa,
            "ci": None if found.kappa is None else list(found.interval),
            "method": "Cohen's kappa; 95% interval by goodness of fit (Donner and Eliasziw 1992)",
            "confusion": {
                "both_pass": found.passes,
                "judge_alone_passes": found.judge_only,
                "people_alone_pass": found.people_only,
                "both_fail": found.fails,
            },
            "standing": found.standing.value,
            "may_gate": found.standing is Standing.GATES,
            "disagreements": [
                {
                    "id": one.id,
                    "label": "pass" if one.label else "fail",
                    "judged": "pass" if one.judged else "fail",
                    "reason": one.reason,
                    "output": one.output,
                }
                for one in self.apart
            ],
        }


def calibration_json(judges: Sequence[JudgeView], locks: Sequence[str], spent: float | None) -> dict[str, Any]:
    """The document of `judge calibrate --format json`."""
    return {
        "schema": "promptctl.calibrate/1",
        "judges": [judge.to_json() for judge in judges],
        "locks": list(locks),
        "spent_usd": spent,
    }


def calibration_text(judges: Sequence[JudgeView]) -> str:
    """What a person reads."""
    return "\n\n".join("\n".join(_lines(judge)) for judge in judges)


def _lines(judge: JudgeView) -> list[str]:
    found = judge.agreement
    prompt = judge.prompt or "the shipped prompt"
    lines = [one_line(f"{judge.type}, {judge.model}, {prompt}")]
    if not found.n:
        lines.append("  no label could be judged")
    else:
        lines += [f"  {line}" for line in _figures(found)]
    lines += [f"  error: {one_line(error)}" for error in judge.errors[:SHOWN]]
    lines += _more(len(judge.errors), "errors")
    for one in judge.apart[:SHOWN]:
        said = f"people {_word(one.label)}, judge {_word(one.judged)}"
        lines.append(f"  {one_line(one.id)}: {said}: {_short(one.output)} ({_short(one.reason)})")
    return [*lines, *_more(len(judge.apart), "disagreements")]


def _figures(found: Agreement) -> list[str]:
    rate, observed = found.base_rate or 0.0, found.observed or 0.0
    low, high = found.interval
    alone = f"the judge alone passes {found.judge_only}, people alone {found.people_only}"
    lines = [
        f"labels     {found.n}, of which people pass {found.passes + found.people_only} ({rate:.0%})",
        f"agreement  {observed:.1%}: {found.passes} pass and {found.fails} fail for both; {alone}",
    ]
    if found.kappa is None:
        said = "none: the judge and the people say the same of every answer, so chance alone explains their agreement"
        return [*lines, f"kappa      {said}. Label answers of both kinds", f"verdict    {_MEANS[Standing.ADVISORY]}"]
    interval = f"95% interval {low:.2f} to {high:.2f} (goodness of fit)"
    return [*lines, f"kappa      {found.kappa:.2f}, {interval}", f"verdict    {_MEANS[found.standing]}"]


def _more(count: int, what: str) -> list[str]:
    return [f"  and {count - SHOWN} more {what}; --format json names them"] if count > SHOWN else []


def _word(passed: bool) -> str:  # noqa: FBT001 - the value itself
    return "pass it" if passed else "fail it"


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _TEXT else f"{line[:_TEXT]}…"
