"""The Jinja environment that strangers' templates run in: strict, immutable, bounded, without a way out.

This module imports Jinja (60 ms), so it is itself imported inside functions, by those who have found a template that
takes it. What a template may touch is listed, not what it may not: keys of mappings, elements of sequences, a few
methods of plain values. Everything that makes a new value pays the budget first (see budget.py).
"""

import functools
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, NoReturn, cast

from jinja2 import DictLoader, StrictUndefined, Template, Undefined, nodes, pass_context
from jinja2.exceptions import TemplateNotFound, TemplateRuntimeError, UndefinedError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace, _PassArg, missing

from promptctl.prompts.bounds import Bounds, single_expression
from promptctl.prompts.budget import MACRO, MAX_BITS, Refused, current, printed
from promptctl.prompts.growth import bounded_call, check_format, joined, safe_filters


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STR = _names(
    "capitalize casefold center count endswith expandtabs find index isalnum isalpha isascii isdecimal isdigit "
    "isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition removeprefix "
    "removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title "
    "upper zfill",
)
_METHODS: tuple[tuple[type | tuple[type, ...], frozenset[str]], ...] = (
    (str, _STR),
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    ((list, tuple), frozenset({"count", "index"})),
    ((int, float), frozenset({"bit_length", "is_integer"})),
    (
        LoopContext,
        _names(
            "index index0 revindex revindex0 first last length depth depth0 previtem nextitem cycle changed",
        ),
    ),
    (Cycler, frozenset({"next", "reset", "current"})),
    (BlockReference, frozenset({"super"})),
)
_BOUND_TO = (str, Mapping, list, tuple, int, float, LoopContext, Cycler)


class UndefinedVariable(UndefinedError):
    """What a strict template lacks. `name` is the variable, None where it is an element of one."""

    def __init__(self, message: str | None = None, *, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


class _Strict(StrictUndefined):
    """StrictUndefined that remembers its name in the error."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, exc)
        if exc is UndefinedError:
            variable = name if obj is missing else None
            self._undefined_exception = functools.partial(UndefinedVariable, name=variable)  # type: ignore[assignment]

    # Jinja's would print [Undefined] for a list that holds one.
    __repr__ = StrictUndefined._fail_with_undefined_error  # noqa: SLF001 - as StrictUndefined itself does


@pass_context
def _finalize(_context: Context, value: Any) -> Any:
    # Given the context so that Jinja never runs it, or a filter, while it compiles.
    return value if isinstance(value, Undefined) else printed(value)


def _bounded_range(*args: int) -> range:
    numbers = range(*args)
    current().work(8 * len(numbers))
    return numbers


def _rounds(iterable: Iterable[Any]) -> Iterator[Any]:
    budget = current()
    for element in iterable:
        budget.round()
        yield element


def _weighed(value: Any) -> Any:
    current().work(current().weight(value))
    return value


def _refuse(what: str) -> NoReturn:
    raise Refused(f"{what} is not available in a prompt")


_INTERNAL: dict[str, Callable[..., Any]] = {
    "%rounds": _rounds,
    "%weighed": _weighed,
    "%joined": joined,
    "%admitted": lambda value: current().admit(value),
    "%refused": _refuse,
}


class Sandbox(ImmutableSandboxedEnvironment):
    """One prompt's environment; `partials` are all the files there are."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    concat = staticmethod(joined)

    def __init__(self, partials: Mapping[str, str] | None = None) -> None:
        super().__init__(
            undefined=_Strict,
            loader=DictLoader(partials or {}),
            keep_trailing_newline=True,
            autoescape=False,
            # The optimizer would run filters and operators while compiling, outside any budget.
            optimized=False,
            finalize=_finalize,
            cache_size=-1,
        )
        self.globals = {
            "range": _bounded_range,
            "dict": dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }
        self.filters = {**_FILTERS, "attr": self._attribute}
        self.tests = dict(_TESTS)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        bounded = Bounds().visit(tree)
        bounded.set_environment(self)
        return bounded  # type: ignore[no-any-return]

    def get_template(self, name: str | Template, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002, ARG002 - Jinja's names
        """A partial, by its path below the prompts folder, wherever it is named; each inclusion is paid for."""
        current().work(MACRO)
        return super().get_template(name.removeprefix("./") if isinstance(name, str) else name, None, globals)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`: a harmless method, else an element of a mapping."""
        if isinstance(obj, Undefined):
            return getattr(obj, "raise_undefined")  # noqa: B009 - any name makes it raise its own error
        if isinstance(obj, Namespace) and not attribute.startswith("_"):
            return getattr(obj, attribute) if hasattr(obj, attribute) else self._absent(obj, attribute)
        if any(attribute in names and isinstance(obj, kind) for kind, names in _METHODS) and hasattr(obj, attribute):
            return getattr(obj, attribute)
        if isinstance(obj, Mapping):
            return self._element(obj, attribute)
        if not attribute.startswith("_") and isinstance(exported := getattr(obj, "__dict__", {}).get(attribute), Macro):
            return exported  # of an imported template
        if isinstance(obj, str | int | float | list | tuple | None) and not attribute.startswith("_"):
            if hasattr(obj, attribute):
                raise Refused(f"{attribute!r} of {_kind(obj)} is not available in a prompt")
            return self._absent(obj, attribute)
        raise Refused(f"access to {attribute!r} of {_kind(obj)} is not allowed")

    def _element(self, obj: Any, attribute: str) -> Any:
        try:
            return obj[attribute]
        except LookupError:
            if attribute.startswith("_") or hasattr(obj, attribute):
                raise Refused(f"access to {attribute!r} of {_kind(obj)} is not allowed") from None
            return self._absent(obj, attribute)

    def _absent(self, obj: Any, name: Any) -> Undefined:
        return self.undefined(hint=f"{_kind(obj)} has no element {name!r}", obj=obj, name=name)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`: an element; never a method."""
        if isinstance(obj, Undefined | Mapping | str | list | tuple | range) and not (
            isinstance(argument, str) and argument.startswith("_")
        ):
            try:
                found = obj[argument]
            except (TypeError, LookupError):
                return self._absent(obj, argument)
            return current().admit(found) if isinstance(argument, slice) else found
        return self.getattr(obj, str(argument))

    def _attribute(self, obj: Any, name: str) -> Any:
        return self.getattr(obj, str(name))

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros, blocks, loops, the sandbox's own globals, and the methods that getattr hands out."""
        if isinstance(obj, Macro | LoopContext | BlockReference | Joiner):
            return True
        if any(obj is known for known in self.globals.values()):
            return True
        owner = getattr(obj, "__self__", None)
        return isinstance(owner, _BOUND_TO) and any(
            isinstance(owner, kind) and obj.__name__ in names for kind, names in _METHODS
        )

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A call, paid for."""
        budget = current()
        budget.call()
        if isinstance(obj, Undefined):
            return obj()
        if not self.is_safe_callable(obj):
            raise Refused(f"{_kind(obj)} cannot be called")
        if isinstance(obj, Macro):
            budget.work(MACRO)
        owner = getattr(obj, "__self__", None)
        for value in (owner, *args, *kwargs.values()):
            budget.work(budget.weight(value))
        if isinstance(owner, str):
            return budget.admit(bounded_call(obj, owner, args, kwargs))
        return budget.admit(context.call(obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - Jinja's signature
        """`+`, `*`, `**` and `%`, whose results can be far larger than what they are made of."""
        if operator == "%" and isinstance(left, str):
            check_format(left, right)
        elif operator == "+" and not isinstance(left, int | float):
            current().work(current().weight(left) + current().weight(right))
        elif operator in {"*", "**"}:
            _check_product(operator, left, right)
        return current().admit(self.binop_table[operator](left, right))


def _check_product(operator: str, left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() * max(right, 0) if operator == "**" else left.bit_length() + right.bit_length()
        if bits > MAX_BITS:
            raise Refused("a number of more than 4,096 bits")
    for sequence, count in ((left, right), (right, left)):
        if isinstance(sequence, str | list | tuple) and isinstance(count, int):
            size = current().weight(sequence) * max(count, 0)
            current().string(size) if isinstance(sequence, str) else current().work(size)


def expression_or_text(template: str) -> Callable[[Mapping[str, Any]], Any]:
    """A template that is one expression as that expression's value; any other as text."""
    environment = Sandbox()
    expression = single_expression(environment.parse(template.removesuffix("\n")))
    if expression is None:
        compiled = environment.from_string(template)
        return lambda values: joined(compiled.root_render_func(compiled.new_context(dict(values))))
    assignment = nodes.Assign(nodes.Name("result", "store"), expression, lineno=1)
    tree = nodes.Template([assignment], lineno=1)
    tree.set_environment(environment)
    compiled = environment.from_string(tree)

    def value(values: Mapping[str, Any]) -> Any:
        context = compiled.new_context(dict(values))
        joined(compiled.root_render_func(context))
        return _plain(context.vars["result"])

    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Undefined):
        return str(value)  # raises, naming it
    if isinstance(value, Iterator | KeysView | ValuesView | ItemsView | range):
        return list(_rounds(value))
    if callable(value):
        return printed(value)  # refuses
    return value


_KINDS = {
    "str": "a string",
    "dict": "a mapping",
    "list": "a list",
    "tuple": "a list",
    "int": "a number",
    "float": "a number",
    "bool": "a boolean",
    "NoneType": "null",
    "type": "a class",
    "Namespace": "a namespace",
    "builtin_function_or_method": "a method",
}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value).__name__, f"a {type(value).__name__}")


def _charged(function: Callable[..., Any]) -> Callable[..., Any]:
    skip = 0 if _PassArg.from_obj(function) is None else 1

    @functools.wraps(function)
    def charged(*args: Any, **kwargs: Any) -> Any:
        budget = current()
        budget.call()
        for value in (*args[skip:], *kwargs.values()):
            budget.work(budget.weight(value))
        return budget.admit(function(*args, **kwargs))

    return charged


def _defaults() -> tuple[dict[str, Callable[..., Any]], dict[str, Callable[..., Any]]]:
    plain = ImmutableSandboxedEnvironment()
    filters = {name: _charged(function) for name, function in safe_filters(plain.filters).items()}
    return {**filters, **_INTERNAL}, {
        name: _charged(function) for name, function in cast("Mapping[str, Callable[..., Any]]", plain.tests).items()
    }


_FILTERS, _TESTS = _defaults()

__all__ = ["Sandbox", "TemplateNotFound", "UndefinedVariable"]
