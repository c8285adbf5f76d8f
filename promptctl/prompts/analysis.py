"""What a template says without being rendered: its variables, what it includes, and whether it parses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from promptctl.prompts.prompt import Prompt
from promptctl.prompts.substitution import is_static, substitution

if TYPE_CHECKING:
    from jinja2 import nodes

MAX_TEMPLATE = 1024 * 1024  # characters


class TemplateProblem(Exception):
    """A template that does not parse. `line` counts from the template's first line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Reference:
    """An include, import or extends. `path` is None where the name is computed."""

    path: str | None
    line: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """One template's names.

    `variables` are looked up in the values; `optional` are those of them that the template tests or gives a default;
    `bound` the names that it sets itself, which the templates it includes see too.
    """

    variables: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()


@lru_cache(maxsize=4096)
def analyse(text: str) -> Analysis:
    """The template's names and references; TemplateProblem where it does not parse."""
    if len(text) > MAX_TEMPLATE:
        raise TemplateProblem("a template of more than 1 MiB", 1)
    if is_static(text):
        return Analysis()
    plain = substitution(text)
    if plain is not None:
        return Analysis(variables=plain.names)
    return _parsed(text)


def _parsed(text: str) -> Analysis:
    from jinja2 import TemplateSyntaxError, meta, nodes  # 60 ms: only templates with more than {{ name }} pay it

    from promptctl.prompts.sandbox import Sandbox

    environment = Sandbox()
    try:
        tree = environment.parse(text)
        undeclared = meta.find_undeclared_variables(tree)
        environment.compile(text)
    except TemplateSyntaxError as error:
        raise TemplateProblem(error.message or "a syntax error", error.lineno) from None
    except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError):
        raise TemplateProblem("nested too deeply, or a number that is too long", 1) from None
    variables = frozenset(undeclared) - frozenset(environment.globals)
    return Analysis(
        variables=variables,
        optional=variables & _optional(tree),
        bound=frozenset(node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"),
        references=tuple(_references(tree)),
    )


def _optional(tree: "nodes.Template") -> frozenset[str]:
    from jinja2 import nodes

    def names(kind: type[nodes.Filter | nodes.Test], called: set[str]) -> list[str]:
        return [
            node.node.name for node in tree.find_all(kind) if node.name in called and isinstance(node.node, nodes.Name)
        ]

    tested = set(names(nodes.Test, {"defined", "undefined"}))
    guarded = names(nodes.Filter, {"default", "d"})
    loads = [node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"]
    return frozenset(tested | {name for name in guarded if guarded.count(name) == loads.count(name)})


def _references(tree: "nodes.Template") -> Iterator[Reference]:
    from jinja2 import nodes

    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        named: nodes.Expr = getattr(node, "template")  # noqa: B009 - all four have one; their common base has not
        path = named.value if isinstance(named, nodes.Const) and isinstance(named.value, str) else None
        optional = isinstance(node, nodes.Include) and node.ignore_missing
        yield Reference(None if path is None else path.removeprefix("./"), node.lineno, optional)


def texts(prompt: Prompt) -> Iterator[str]:
    """All template texts of a prompt's messages, in order."""
    for message in prompt.messages:
        if isinstance(message.content, str):
            yield message.content
            continue
        for part in message.content:
            if isinstance(part.get("text"), str):
                yield part["text"]
            url = image_url(part)
            if url is not None:
                yield url


def image_url(part: Mapping[str, object]) -> str | None:
    """The address in an image part, in either of the two shapes in use."""
    image = part.get("image_url")
    found = image.get("url") if isinstance(image, Mapping) else image
    return found if isinstance(found, str) else None


def variables(prompt: Prompt) -> frozenset[str]:
    """The variables that the messages and partials look up, declared or not."""
    return _names(prompt)[0]


def required_variables(prompt: Prompt) -> frozenset[str]:
    """The variables without which nothing renders: not those with a default, declared optional, or tested first."""
    found, optional = _names(prompt)
    declared = {name for name, variable in prompt.variables.items() if variable.has_default or not variable.required}
    return found - optional - declared


Names = tuple[frozenset[str], frozenset[str]]  # all, and those of them that are optional


def _names(prompt: Prompt) -> Names:
    if prompt.literal:
        return frozenset(), frozenset()
    known: dict[str, Names] = {}
    return _union(_with_partials(analyse(text), prompt.partials, known) for text in texts(prompt))


def _with_partials(own: Analysis, partials: Mapping[str, str], known: dict[str, Names]) -> Names:
    found = [(own.variables, own.optional)]
    for path in {reference.path for reference in own.references}:
        if path is None or path not in partials:
            continue
        if path not in known:
            known[path] = frozenset(), frozenset()  # a circle, which reading refuses, ends here
            known[path] = _with_partials(analyse(partials[path]), partials, known)
        every, optional = known[path]
        found.append((every - own.bound, optional - own.bound))
    return _union(found)


def _union(names: Iterable[Names]) -> Names:
    """What one template needs, no other makes optional."""
    required: set[str] = set()
    every: set[str] = set()
    for found, optional in names:
        required |= found - optional
        every |= found
    return frozenset(every), frozenset(every - required)
