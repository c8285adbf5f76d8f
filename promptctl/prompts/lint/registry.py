"""Which rules there are: code, name, severity, summary. The page of each is docs/lint.md#CODE."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from promptctl.documents import suggestion

PAGE = "https://github.com/promptctl/promptctl/blob/main/docs/lint.md"


class Severity(Enum):
    """How much a finding weighs: an error fails in use, a warning is worth a look, info is for those who care."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def weight(self) -> int:
        """The heavier, the larger."""
        return _WEIGHTS[self]


_WEIGHTS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as people see it."""

    code: str
    name: str
    severity: Severity
    summary: str

    @property
    def page(self) -> str:
        """Where it is explained."""
        return f"{PAGE}#{self.code.lower()}"


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("PL001", "unreadable-prompt", _E, "A prompt file cannot be read."),
        Rule("PL002", "useless-suppression", _W, "A suppression comment suppresses nothing."),
        Rule("PL101", "undefined-variable", _E, "A template needs a variable that nothing gives."),
        Rule("PL102", "unused-variable", _W, "A variable is stored or declared, and nothing uses it."),
        Rule("PL103", "shadowed-variable", _W, "A template sets a name that the inputs give too."),
        Rule("PL104", "unrenderable-input", _E, "A stored input cannot be rendered."),
        Rule("PL105", "unreadable-inputs", _E, "A file of stored inputs cannot be read."),
        Rule("PL106", "no-rendering", _E, "A template asks for what no rendering can do."),
        Rule("PL201", "unknown-model", _E, "LiteLLM does not know the model."),
        Rule("PL202", "unknown-parameter", _E, "The model does not take a parameter, or not with this value."),
        Rule("PL203", "retired-model", _E, "The model's date of deprecation has passed."),
        Rule("PL204", "deprecated-model", _W, "The model has a date of deprecation ahead."),
        Rule("PL205", "model-alias", _I, "The model's name is an alias of which dated versions exist."),
        Rule("PL206", "context-window", _E, "The prompt with its longest stored input exceeds the context window."),
        Rule("PL207", "output-limit", _E, "More output tokens are asked for than the model gives."),
        Rule("PL301", "secret-in-prompt", _E, "A prompt file, or a template that it includes, holds a secret."),
        Rule("PL302", "secret-in-inputs", _E, "A file of stored inputs holds a secret."),
        Rule("PL303", "untrusted-in-system", _W, "Text from strangers is placed in the system message."),
        Rule("PL401", "duplicate-instruction", _W, "The same instruction stands there twice."),
        Rule("PL402", "contradictory-instruction", _W, "One instruction asks for what another forbids."),
        Rule("PL403", "conflicting-limits", _W, "Two limits for the same thing cannot both hold."),
        Rule("PL404", "conflicting-answer", _W, "Two languages or formats of the answer are asked for."),
        Rule("PL501", "expected-missing", _W, "An assertion needs 'expected', which no stored input has."),
        Rule("PL502", "invalid-assertion", _E, "An assertion cannot be read."),
    )
}


def codes_of(words: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Codes, names of rules, or beginnings of codes, with commas too -> codes; and what is no rule, with what next."""
    names = {rule.name: code for code, rule in RULES.items()}
    given = [word.strip() for text in words for word in text.split(",") if word.strip()]
    codes = {word: names.get(word.lower(), word.upper()) for word in given}
    unknown = {}
    for word, code in codes.items():
        if not any(known.startswith(code) for known in RULES):
            near = suggestion(word, [*RULES, *names])
            others = "Rules are PL101 and so on, families PL1 to PL5; see docs/lint.md."
            unknown[word] = near if near.startswith("Did") else others
    return tuple(code for word, code in codes.items() if word not in unknown), unknown
