"""The calibration of judges as it is committed beside their prompts: who may gate, and on what evidence."""

import json
import posixpath
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from promptctl.errors import InvalidPrompt, Problem, UserError
from promptctl.snapshot import Snapshot
from promptctl.verdict.agreement import Standing

SCHEMA = "promptctl.calibration/1"
PACKAGED = ".promptctl.calibration.json"  # of judges whose prompt is the package's, or stands in an assertion


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was found of one judge. `criteria` are digests of the values of the assertions it was calibrated on."""

    type: str
    prompt: str | None
    model: str
    labels: int
    base_rate: float
    kappa: float | None
    ci: tuple[float, float]
    standing: Standing
    criteria: tuple[str, ...]
    created: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {**asdict(self), "ci": list(self.ci), "standing": self.standing.value, "criteria": sorted(self.criteria)}


def lock_path(judge_path: str | None) -> str:
    """Where a judge's calibration is kept: beside its prompt."""
    return PACKAGED if judge_path is None else f"{posixpath.splitext(judge_path)[0]}.calibration.json"


def read_lock(snapshot: Snapshot, path: str) -> dict[str, Calibration]:
    """The calibrations in a file at the snapshot's Source, by the judge's digest; none where there is no file.

    Raises InvalidPrompt where it is broken: a judge must not gate because somebody damaged the proof that it may not.
    """
    try:
        if not snapshot.exists(path):
            return {}
        return _judges(json.loads(snapshot.read(path)))
    except UserError as error:
        raise InvalidPrompt(Problem("", str(error))) from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        hint = "Remove it, and let `promptctl judge calibrate` write it anew."
        raise InvalidPrompt(Problem(path, "is no calibration that promptctl wrote.", hint=hint)) from None


def _judges(document: Mapping[str, Any]) -> dict[str, Calibration]:
    if document["schema"] != SCHEMA:
        raise ValueError(document["schema"])
    return {str(digest): _calibration(value) for digest, value in document["judges"].items()}


def _calibration(value: Mapping[str, Any]) -> Calibration:
    low, high = value["ci"]
    return Calibration(
        type=str(value["type"]),
        prompt=value["prompt"],
        model=str(value["model"]),
        labels=int(value["labels"]),
        base_rate=float(value["base_rate"]),
        kappa=None if value["kappa"] is None else float(value["kappa"]),
        ci=(float(low), float(high)),
        standing=Standing(value["standing"]),
        criteria=tuple(map(str, value["criteria"])),
        created=str(value["created"]),
    )


def lock_text(known: Mapping[str, Calibration], found: Mapping[str, Calibration]) -> str:
    """The file with what was found now; the criteria of a judge that was known in the same standing are kept."""
    judges = dict(known)
    for digest, new in found.items():
        old = known.get(digest)
        kept = old.criteria if old is not None and old.standing is new.standing else ()
        judges[digest] = replace(new, criteria=tuple(sorted({*kept, *new.criteria})))
    value = {"schema": SCHEMA, "judges": {digest: judges[digest].to_json() for digest in sorted(judges)}}
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
