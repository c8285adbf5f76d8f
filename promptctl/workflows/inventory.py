"""The prompts at one revision, and one of them as it stands, resolved or rendered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.documents import parse_json, suggestion
from promptctl.errors import FileError, InvalidInputs, InvalidPrompt, NothingSelected, Problem, UserError
from promptctl.prompts.prompt import Prompt, RenderedMessage, Variable
from promptctl.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Listed:
    """One prompt in a list. `inputs` counts its stored inputs, None where it has none; `problems` say what is wrong.

    Not `declared`: the settings do not name it yet.
    """

    name: str
    path: str
    format: str | None = None
    model: str | None = None
    description: str = ""
    messages: int = 0
    variables: tuple[str, ...] = ()
    inputs_path: str | None = None
    inputs: int | None = None
    recordings: int | None = None
    problems: tuple[Problem, ...] = ()
    declared: bool = True

    def to_json(self) -> dict[str, Any]:
        """One entry of `promptctl list --format json`."""
        return {
            "prompt": self.name,
            "path": self.path,
            "declared": self.declared,
            "format": self.format,
            "model": self.model,
            "description": self.description,
            "messages": self.messages,
            "variables": list(self.variables),
            "inputs": None if self.inputs_path is None else {"path": self.inputs_path, "count": self.inputs},
            "recordings": self.recordings,
            "problems": [str(problem) for problem in self.problems],
        }


def listed(snapshot: Snapshot, names: Iterable[str] | None = None) -> tuple[Listed, ...]:
    """Every prompt by name, or these; one that cannot be read is named with its mistakes, and the others are listed."""
    return tuple(_listed(snapshot, name) for name in (snapshot.files if names is None else names))


def _listed(snapshot: Snapshot, name: str) -> Listed:
    from promptctl.prompts.template import variables  # 62 ms with jinja2, which only templates need

    file = snapshot.files[name]
    problems: list[Problem] = []
    path, count = _inputs(snapshot, name, problems)
    recordings = snapshot.recordings(name)
    try:
        prompt = snapshot.prompt(name)
    except InvalidPrompt as error:
        return Listed(name, file.path, inputs_path=path, inputs=count, problems=(*error.problems, *problems))
    return Listed(
        name=name,
        path=file.path,
        format=prompt.format,
        model=prompt.model,
        description=prompt.description,
        messages=len(prompt.messages),
        variables=tuple(sorted(variables(prompt))),
        inputs_path=path,
        inputs=count,
        recordings=None if recordings is None else sum(1 for line in recordings.splitlines() if line.strip()),
        problems=tuple(problems),
    )


def _inputs(snapshot: Snapshot, name: str, problems: list[Problem]) -> tuple[str | None, int | None]:
    from promptctl.inputs.files import check_cases

    try:
        found = snapshot.inputs(name)
        return (None, None) if found is None else (found[0], check_cases(*found).count)
    except (InvalidInputs, InvalidPrompt) as error:
        problems += error.problems
        file = snapshot.files[name].inputs
        return (None if file is None else file.path), None


def rendered(
    snapshot: Snapshot,
    prompt: Prompt,
    *,
    input_id: str | None,
    values: Mapping[str, str],
) -> tuple[RenderedMessage, ...]:
    """A prompt's messages with the variables of a stored input, of `values`, or both (`values` win).

    `values` are texts; that of a variable which is declared as something else is read as JSON, where it is that.
    """
    from promptctl.prompts.template import Renderer, RenderError

    variables: dict[str, Any] = {}
    if input_id is not None:
        variables.update(case_vars(snapshot, prompt.name, input_id))
    try:
        return Renderer(prompt).render({**variables, **_typed(prompt, values)})
    except RenderError as error:
        hint = f"Give it with --var {error.variable}=VALUE or --input ID." if error.variable else "Mend the template."
        raise InvalidPrompt(Problem(prompt.path, f"{error.reason}.", hint=hint)) from None


def _typed(prompt: Prompt, values: Mapping[str, str]) -> dict[str, Any]:
    texts = {name for name in values if (prompt.variables.get(name) or Variable(name)).type in {None, "string"}}
    return {name: value if name in texts else _json(value) for name, value in values.items()}


def _json(value: str) -> Any:
    try:
        return parse_json(value, "")
    except FileError:
        return value  # rendering says of what type it should be


def case_vars(snapshot: Snapshot, name: str, input_id: str) -> Mapping[str, Any]:
    """The variables of one stored input ("": the first). Raises NothingSelected where there is no such input."""
    from promptctl.inputs.files import check_cases, read_cases

    inputs = snapshot.inputs(name)
    if inputs is None:
        raise NothingSelected(f"'{name}' has no stored inputs.", hint="Give variables with --var NAME=VALUE.")
    check_cases(*inputs)
    for case in read_cases(*inputs):
        if input_id in {"", case.id}:
            return case.vars
    raise NothingSelected(
        f"{inputs[0]}: no input '{input_id}'.", hint=suggestion(input_id, [case.id for case in read_cases(*inputs)])
    )


def assignments(pairs: Sequence[str]) -> dict[str, str]:
    """`k=v` texts -> a mapping. Raises UserError for one without `=`."""
    wrong = next((pair for pair in pairs if "=" not in pair.lstrip("=")), None)
    if wrong is not None:
        raise UserError(f"--var {wrong}: not of the form NAME=VALUE.", hint="For example --var ticket='Where is it?'")
    return dict(pair.split("=", 1) for pair in pairs)


def prompt_document(prompt: Prompt) -> dict[str, Any]:
    """A resolved prompt as plain data: what `show --format json` prints.

    What its messages include stands in its place, where that takes no values to tell (`resolved`).
    """
    from promptctl.prompts.diff.resolved import resolved_messages  # 20 ms: all of the diff

    resolved = resolved_messages(prompt)
    return {
        "prompt": prompt.name,
        "path": prompt.path,
        "format": prompt.format,
        "description": prompt.description,
        "model": prompt.model,
        "params": dict(prompt.params),
        "fallbacks": list(prompt.fallbacks),
        "language": prompt.language,
        "messages": [
            {
                "role": message.role,
                "content": message.content if isinstance(message.content, str) else list(message.content),
                **message.extra,
            }
            for message in (prompt.messages if resolved is None else resolved)
        ],
        "resolved": resolved is not None or not prompt.partials,
        "variables": {
            variable.name: {
                "type": variable.type,
                "required": variable.required,
                **({"default": variable.default} if variable.has_default else {}),
                **({"description": variable.description} if variable.description else {}),
            }
            for variable in prompt.variables.values()
        },
        "tools": list(prompt.tools),
        "response_format": prompt.response_format,
        "assert": list(prompt.assertions),
        "inputs": prompt.inputs,
        "volume": prompt.volume,
        "metadata": dict(prompt.metadata),
        "partials": dict(prompt.partials),
        "warnings": list(prompt.warnings),
    }
