"""A promptfoo config -> prompts with stored inputs in promptctl's own form, and what could not be carried over."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml, printable
from promptctl.errors import FileError, Problem, UserError
from promptctl.prompts.prompt import Prompt
from promptctl.workflows.adopt_promptfoo.cases import FoundCase, Tests
from promptctl.workflows.adopt_promptfoo.files import Folder
from promptctl.workflows.adopt_promptfoo.leftovers import Leftovers
from promptctl.workflows.adopt_promptfoo.prompts import FoundPrompt, found_prompts, surrounded
from promptctl.workflows.adopt_promptfoo.providers import adopted_model, parameters
from promptctl.workflows.adopt_promptfoo.written import yaml_text

__all__ = ["Adopted", "AdoptedPrompt", "adopt"]

_CARRIED = frozenset(
    {
        "$schema",
        "prompts",
        "providers",
        "targets",
        "tests",
        "defaultTest",
        "description",
        "assertionTemplates",
        "scenarios",
    }
)


@dataclass(frozen=True, slots=True)
class AdoptedPrompt:
    """One prompt as it will be written: the text of NAME.yaml and of NAME.inputs.jsonl (None without tests)."""

    name: str
    text: str
    inputs: str | None
    cases: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """A config in our form. `left` names everything that could not be carried over, one line each."""

    prompts: tuple[AdoptedPrompt, ...]
    left: tuple[str, ...]


def adopt(path: Path, root: Path) -> Adopted:
    """Read a promptfoo config. `root` is the repository's: files outside of it are not read.

    Raises UserError where there is no such file, FileError where it is no config.
    """
    config = _config(path)
    left = Leftovers()
    folder = Folder(path.parent, root)
    for key in config:
        if key not in _CARRIED:
            left.note(f"'{printable(str(key))}' is not carried over")
    shared = adopted_model(config, left)
    tests = Tests(config, folder, left)
    if asserted := tests.default_assertions():
        shared["assert"] = asserted
    cases = tests.cases()
    prompts = [surrounded(prompt, *tests.around(), left) for prompt in found_prompts(config, folder, left)]
    written = [_written(prompt, _for(prompt, cases), config, shared, left) for prompt in prompts]
    return Adopted(tuple(one for one in written if one is not None), left.lines())


def _config(path: Path) -> Mapping[str, Any]:
    where = path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}.", hint="Name a promptfooconfig.yaml.") from None
    text = decode(data, where)
    value = parse_json(text, where) if path.suffix == ".json" else parse_yaml(text, where).value
    if not isinstance(value, dict) or "prompts" not in value:
        raise FileError(Problem(where, "is no promptfoo config: it names no 'prompts'."))
    return value


def _for(prompt: FoundPrompt, cases: Sequence[FoundCase]) -> list[FoundCase]:
    """The cases that are for this prompt, by its labels or by its name."""
    labels = (*prompt.labels, prompt.name)
    return [
        case
        for case in cases
        if not case.prompts or any(fnmatchcase(label, wanted) for label in labels for wanted in case.prompts)
    ]


def _written(
    prompt: FoundPrompt,
    cases: Sequence[FoundCase],
    config: Mapping[str, Any],
    shared: Mapping[str, Any],
    left: Leftovers,
) -> AdoptedPrompt | None:
    """The prompt's files, read back with our own readers; None, and a note, where they would not load."""
    description = config.get("description")
    own = parameters(prompt.config, f"prompt '{prompt.name}'", left)
    params = {**shared.get("params", {}), **own.pop("params", {})}
    document: dict[str, Any] = {
        **({"description": description} if isinstance(description, str) and description.strip() else {}),
        **{key: shared[key] for key in ("model",) if key in shared},
        **({"params": params} if params else {}),
        "messages": [dict(message) for message in prompt.messages],
        **{key: value for key, value in {**shared, **own}.items() if key not in {"model", "params"}},
    }
    inputs = "".join(json.dumps(case.line, ensure_ascii=False) + "\n" for case in cases) or None
    try:
        defaults = _defaults(prompt.name, document, cases, left)
        text = yaml_text(document | defaults)
        _read_back(prompt.name, text, inputs)
    except FileError as error:
        for line in error.lines():
            left.note(f"the prompt is left out: {line}", at=f"prompt '{prompt.name}'")
        return None
    return AdoptedPrompt(prompt.name, text, inputs, len(cases))


def _defaults(name: str, document: Mapping[str, Any], cases: Sequence[FoundCase], left: Leftovers) -> dict[str, Any]:
    """`variables:` for those that some tests lack. Nunjucks renders them as nothing; here they would be errors."""
    from promptctl.prompts.template import required_variables

    prompt = _prompt(name, yaml_text(document))
    absent = [one for one in sorted(required_variables(prompt)) if any(one not in case.line["vars"] for case in cases)]
    for one in absent:
        left.note(
            f"variable '{one}' is absent in some tests; it is empty there, as in promptfoo", at=f"prompt '{name}'"
        )
    return {"variables": {one: {"default": ""} for one in absent}} if absent else {}


def _read_back(name: str, text: str, inputs: str | None) -> None:
    from promptctl.inputs.files import check_cases
    from promptctl.scoring.registry import assertion_problems

    _prompt(name, text)
    if inputs is not None:
        check_cases(f"{name}.inputs.jsonl", inputs.encode(), check_assertions=assertion_problems)


def _prompt(name: str, text: str) -> Prompt:
    from promptctl.prompts.formats import PromptText, read_prompt

    return read_prompt(PromptText(name, f"{name}.yaml", text.encode("utf-8", "surrogatepass")))
