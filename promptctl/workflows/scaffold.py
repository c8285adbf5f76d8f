"""The files of a repository that is set up for promptctl, each written once and never touched again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.errors import UserError
from promptctl.settings import FILE
from promptctl.store.location import IGNORE

STATE = ".promptctl"
SAMPLE_MODEL = "local/smollm2"

_SETTINGS = """\
# yaml-language-server: $schema={state}/schemas/settings.json
# Every key with its meaning and default: promptctl schema settings

# Folders or globs with prompts. A prompt's name is its path below them, without the extension.
prompts: {prompts}

# The model of prompts that name none: any LiteLLM model name, with its key in the environment.
# local/smollm2 runs on this machine and needs no key: pip install 'promptctl-cli[local]'
{model}

# replay:
#   max_cost_usd: 1.00    # a run never spends more

gate:
  max_regressions: 0      # confirmed regressions allowed before a replay fails
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One file: written, or kept as it was."""

    path: str
    wrote: bool

    def __str__(self) -> str:
        return f"{'wrote' if self.wrote else 'kept'} {self.path}"


def settings_text(prompts: Sequence[str], model: str | None) -> str:
    """.promptctl.yaml, short and commented. Without a model it shows how to name one."""
    named = f"model: {model}" if model else "# model: openai/gpt-5-mini"
    return _SETTINGS.format(state=STATE, prompts=json.dumps(list(prompts), ensure_ascii=False), model=named)


def state_files() -> dict[str, str]:
    """What lies in .promptctl and is checked in: the list of what git ignores, and the schemas for editors."""
    from promptctl.workflows.schemas import SCHEMAS  # 60 ms: the readers of every file

    schemas = {
        f"{STATE}/schemas/{name}.json": json.dumps(make(), ensure_ascii=False, indent=1) + "\n"
        for name, make in SCHEMAS.items()
    }
    return {f"{STATE}/.gitignore": IGNORE, **schemas}


def schema_line(prompt_path: str, name: str = "prompt") -> str:
    """The line by which an editor finds the schema of a file at this path."""
    up = "../" * prompt_path.count("/")
    return f"# yaml-language-server: $schema={up}{STATE}/schemas/{name}.json\n"


def write_once(root: Path, files: Mapping[str, str | bytes]) -> tuple[Step, ...]:
    """Write those that are not there. Raises UserError, before the first one, where one would leave the repository."""
    for path in files:
        _check(root, path)
    return tuple(_written(root, path, content) for path, content in files.items())


def _check(root: Path, path: str) -> None:
    folder = (root / path).parent
    if not folder.resolve().is_relative_to(root.resolve()):
        raise UserError(f"{path}: a symbolic link leads out of the repository.", hint="Remove it, then run again.")
    blocked = next((one for one in (folder, *folder.parents) if one.exists() and not one.is_dir()), None)
    if blocked is not None:
        where = blocked.relative_to(root).as_posix()
        raise UserError(f"{path}: {where} is a file, not a folder.", hint="Move it away, then run again.")


def _written(root: Path, path: str, content: str | bytes) -> Step:
    target = root / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:  # never over what is there, a dangling link included
            file.write(content.encode() if isinstance(content, str) else content)
    except FileExistsError:
        return Step(path, wrote=False)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}.") from None
    return Step(path, wrote=True)


__all__ = ["FILE", "SAMPLE_MODEL", "STATE", "Step", "schema_line", "settings_text", "state_files", "write_once"]
