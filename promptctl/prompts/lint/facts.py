"""What a check may know beside the prompt: its files, its inputs, its models, the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from promptctl.prompts.prompt import RenderedMessage


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """A stored input that cannot be rendered. `variable` is the one that it lacks, where that is the reason."""

    id: str
    line: int | None
    reason: str
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class InputFacts:
    """What all stored inputs of a prompt say together.

    `lines` maps each variable to the line of the first input that has it; `common` are those that every input has;
    `asserted` are the variables that the inputs' own assertions name. `prose` are the variables whose values are texts
    of several words that differ between inputs. `longest` are the messages of the input that renders longest.
    """

    path: str
    count: int
    lines: Mapping[str, int | None]
    common: frozenset[str] = frozenset()
    asserted: frozenset[str] = frozenset()
    prose: frozenset[str] = frozenset()
    expected: bool = False
    failures: tuple[CaseFailure, ...] = ()
    failed: int = 0
    longest: Sequence[RenderedMessage] = ()
    longest_id: str | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model by the name that a prompt or the settings give it.

    `unknown` says why LiteLLM cannot ask it ("" where it can, or nobody knows); `refused` maps each parameter that it
    does not take to why. `deprecated` is YYYY-MM-DD; `successor` replaces it; `dated` is the newest fixed version.
    """

    name: str
    unknown: str = ""
    suggestion: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    deprecated: str | None = None
    successor: str | None = None
    dated: str | None = None
    max_input: int | None = None
    max_output: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """`files` are the texts of the prompt's own files by path, its main file first; `root` is the folder of partials.

    `settings` is the text of the settings at `settings_path`: a default model or parameter is placed there. `code` says
    that assertions run code, which may use any variable.
    """

    today: date
    files: Mapping[str, str]
    root: str = ""
    settings_path: str = ""
    settings: str = ""
    inputs: InputFacts | None = None
    models: tuple[ModelFacts, ...] = ()
    asserted: frozenset[str] = frozenset()
    needs_expected: tuple[str, ...] = ()
    code: bool = False
