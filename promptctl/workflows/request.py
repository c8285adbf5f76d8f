"""What a replay is asked to do: the flags as one value, which a resumed run reads again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from promptctl.models.cache import Mode as Mode  # noqa: PLC0414 - part of a request, so named here too


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
