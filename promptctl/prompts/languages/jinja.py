"""Jinja2, in the sandbox."""

from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError, meta, nodes

from promptctl.prompts.languages import Analysis, Reference, TemplateProblem, Text
from promptctl.prompts.sandbox import Sandbox


def compiled(text: str, partials: Mapping[str, str]) -> Text:
    """The template as a function of its values. Raises Jinja's own errors."""
    sandbox = Sandbox(partials)
    template = sandbox.from_string(text)
    return lambda values: sandbox.concat(template.root_render_func(template.new_context(dict(values))))


def analyse(text: str) -> Analysis:
    """The names and references; TemplateProblem where it does not parse."""
    environment = Sandbox()
    try:
        tree = environment.parse(text)
        refusals = _unknown(tree, environment)
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
        refusals=refusals,
    )


def _unknown(tree: nodes.Template, environment: Sandbox) -> tuple[str, ...]:
    """The filters and tests of an application's own; the environment takes them from now on, to read the rest."""
    found: list[str] = []
    for kind, known in ((nodes.Filter, environment.filters), (nodes.Test, environment.tests)):
        names = dict.fromkeys(node.name for node in tree.find_all(kind) if node.name not in known)
        found += [f"unknown {kind.__name__.lower()} '{name}'" for name in names]
        known.update(dict.fromkeys(names, _unknown))
    return tuple(found)


def _optional(tree: nodes.Template) -> frozenset[str]:
    def names(kind: type[nodes.Filter | nodes.Test], called: set[str]) -> list[str]:
        return [
            node.node.name for node in tree.find_all(kind) if node.name in called and isinstance(node.node, nodes.Name)
        ]

    tested = set(names(nodes.Test, {"defined", "undefined"}))
    guarded = names(nodes.Filter, {"default", "d"})
    loads = [node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"]
    return frozenset(tested | {name for name in guarded if guarded.count(name) == loads.count(name)})


def _references(tree: nodes.Template) -> Iterator[Reference]:
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        named: nodes.Expr = getattr(node, "template")  # noqa: B009 - all four have one; their common base has not
        path = named.value if isinstance(named, nodes.Const) and isinstance(named.value, str) else None
        optional = isinstance(node, nodes.Include) and node.ignore_missing
        yield Reference(None if path is None else path.removeprefix("./"), node.lineno, optional)
