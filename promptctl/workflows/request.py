"""What a replay is asked to do: the flags as one value, which a resumed run reads again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from promptctl.errors import UserError
from promptctl.models.cache import Mode as Mode  # noqa: PLC0414 - part of a request, so named here too

# What a resumed run may be given anew; everything else is as it was when the run began.
BUDGETS = ("max_cost", "max_calls", "time_limit")
LIMITS = (*BUDGETS, "concurrency", "workers", "timeout", "retries")
FLAGS = {  # where a field's flag is not the field's name
    "select": "--prompt",
    "only": "--input",
    "tags": "--tag",
    "settings_revision": "--settings",
    "ask_all": "--all",
    "confirm": "--no-confirm",
}


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """The flags of `promptctl replay`. `select` holds the names, globs and paths of -p and of what follows `--`."""

    revisions: tuple[str, ...] = ()
    staged: bool = False
    select: tuple[str, ...] = ()
    inputs: str | None = None
    only: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sample: int | None = None
    seed: int = 0
    skip_invalid: bool = False
    model: str | None = None
    settings_revision: str | None = None
    repeat: int | None = None
    max_cost: float | None = None
    max_calls: int | None = None
    time_limit: float | None = None
    concurrency: int | None = None
    workers: int | None = None
    timeout: float | None = None
    retries: int | None = None
    aa: bool = False
    ask_all: bool = False
    fresh: bool = False
    fallbacks: bool = False
    record: bool = False
    audit: float | None = None
    dry_run: bool = False
    early_stop: bool = False
    confirm: bool = True
    allow_code: bool = False
    mode: Mode = Mode.NORMAL

    def to_json(self) -> dict[str, Any]:
        """What the store keeps of it."""
        return {**asdict(self), "mode": self.mode.value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ReplayRequest":
        """The law: `from_json(to_json(r)) == r`."""
        known = {field.name for field in fields(cls)}
        read: dict[str, Any] = {
            key: tuple(item) if isinstance(item, list) else item for key, item in value.items() if key in known
        }
        return cls(**{**read, "mode": Mode(value.get("mode", "normal"))})

    def going_on(self, given: "ReplayRequest", run: str, *, ended: bool) -> "ReplayRequest":
        """A stored run's request, with the limits that are given anew.

        The others still hold for what is left; only where the run had `ended`, at its budget for instance, going on
        means beyond that. Raises UserError for flags that would ask something else than the run does.
        """
        nothing = ReplayRequest()
        asked = {field.name: getattr(given, field.name) for field in fields(self)}
        others = [
            _flag(name, value)
            for name, value in asked.items()
            if name not in {*LIMITS, "record"} and value not in (getattr(nothing, name), getattr(self, name))
        ]
        if others:
            raise UserError(
                f"--resume goes on with run {run} as it began, without {', '.join(others)}.",
                hint="Leave that out, or start a new run: what was answered is not asked again.",
            )
        limits = {name: asked[name] for name in LIMITS if asked[name] is not None or (ended and name in BUDGETS)}
        return replace(self, **limits, record=self.record or given.record)


def _flag(name: str, value: Any) -> str:
    if name == "revisions":
        return " ".join(f"'{revision}'" for revision in value)
    return f"--{value.value}" if name == "mode" else FLAGS.get(name, f"--{name.replace('_', '-')}")
