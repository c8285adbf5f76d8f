"""Handlebars, by the library that dotprompt uses, with what it lacks: names found statically, and bounds.

An absent variable is an error where it is printed or given to a helper, not where #if, #unless, #each, #with or a
section asks for it; numbers and booleans are printed as JavaScript does.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dotpromptz_handlebars import HelperFn, HelperOptions, Program, StrictModeError, TemplateRecursionError
from dotpromptz_handlebars import Text as Literal
from dotpromptz_handlebars._render import _parts, compile_template, render_program

from promptctl.prompts.budget import MAX_DEPTH, Refused, current
from promptctl.prompts.languages import Analysis, TemplateProblem, Text, Values
from promptctl.prompts.languages.handlebars_names import analysis, bodies, line_of_mistake
from promptctl.prompts.languages.handlebars_tolls import charging, paid, root
from promptctl.prompts.languages.pieces import line_of
from promptctl.prompts.substitution import UndefinedName

EXTENSIONS = (".hbs", ".handlebars", ".txt", ".md")

_HELD = "\ufdd0"  # no character, by the Unicode standard
_BLANKS = re.compile(r"(?<!~)\}\}([ \t]+)(?=\{\{(?!~))")

Candidates = Callable[[str], Iterator[str]]


def _lookup(arguments: list[Any], _options: HelperOptions) -> Any:
    collection, key = (*arguments, None, None)[:2]
    if isinstance(collection, Mapping):
        return collection.get(key)
    if isinstance(collection, list | tuple) and isinstance(key, int) and 0 <= key < len(collection):
        return collection[key]
    return None


def _log(_arguments: list[Any], _options: HelperOptions) -> str:
    return ""  # the library's prints to stdout


HELPERS: Mapping[str, HelperFn] = {"lookup": _lookup, "log": _log}


def candidates(name: str) -> Iterator[str]:
    """A partial's path as it is written; with an extension; with an underscore before its last part."""
    folder, slash, last = name.rpartition("/")
    for stem in (last,) if last.startswith("_") else (last, f"_{last}"):
        yield from (f"{folder}{slash}{stem}{extension}" for extension in ("", *EXTENSIONS))


def analyse(text: str) -> Analysis:
    """The names and references; TemplateProblem where it does not parse."""
    return analyse_with(text)


def compiled(text: str, partials: Mapping[str, str]) -> Text:
    """The template as a function of its values."""
    render = engine(text, partials)
    return lambda values: render(values, {})


def analyse_with(text: str, helpers: Iterable[str] = (), *, optional: Iterable[str] = ()) -> Analysis:
    """`analyse`, for a language that has helpers of its own.

    `optional` are those of them that read a variable of their own name, where there is one.
    """
    return analysis(text, parsed(text), {*HELPERS, *helpers}, frozenset(optional))


def engine(
    text: str,
    partials: Mapping[str, str],
    *,
    helpers: Mapping[str, HelperFn] | None = None,
    strict: bool = True,
    paths: Candidates = candidates,
) -> Callable[[Values, Mapping[str, Any]], str]:
    """The template as a function of its values and of what `{{@name}}` reads.

    A helper gets the values themselves. Without `strict`, what is absent is printed as nothing. `paths` says where a
    partial of a name may lie.
    """
    called = {**HELPERS, **(helpers or {})}
    known = analyse_with(text, called)
    programs = charging({"": parsed(text), **_included(known, partials, called, paths)})
    required = known.variables - known.optional if strict else frozenset[str]()
    paying = {name: paid(helper) for name, helper in called.items()}

    def render(values: Values, data: Mapping[str, Any]) -> str:
        with _reasons(text, known, values):
            found = render_program(
                programs[""],
                root(values, required),
                data=dict(data),
                helpers=paying,
                partials=programs,
                escape_html=False,
                strict=strict,
                max_depth=MAX_DEPTH,
            )
        current().string(len(found))
        return found

    return render


@contextmanager
def _reasons(text: str, known: Analysis, values: Values) -> Iterator[None]:
    """The library's errors, as this package has them."""
    try:
        yield
    except StrictModeError as error:
        raise _absent(error.path, text, known, values) from None
    except TemplateRecursionError:
        raise Refused("nested too deeply") from None
    except ValueError as error:
        raise TemplateProblem(str(error), 1) from None


def parsed(text: str) -> Program:
    """The library's tree; TemplateProblem where there is none."""
    # The library takes a tag for alone on its line where only blanks part it from the next one, and drops them;
    # Handlebars.js does not. So something stands there while the text is read.
    held = text if _HELD in text else _BLANKS.sub(rf"}}}}{_HELD}\1", text)
    try:
        program = compile_template(held, max_depth=MAX_DEPTH)
    except TemplateRecursionError:
        raise TemplateProblem("nested too deeply", 1) from None
    except (ValueError, IndexError) as error:
        reason = str(error) if isinstance(error, ValueError) else "empty tag"
        raise TemplateProblem(reason, line_of_mistake(text)) from None
    return program if held is text else _released(program)


def _released(nodes: Program) -> Program:
    for node in nodes:
        if isinstance(node, Literal):
            node.value = node.value.replace(_HELD, "")
        for body in bodies(node):
            _released(body)
    return nodes


def _included(
    known: Analysis, partials: Mapping[str, str], helpers: Iterable[str], paths: Candidates
) -> dict[str, Program]:
    """The programs of all partials that can be reached, by the names that they are called by."""
    _refuse(known, "")
    found: dict[str, Program] = {}
    waiting = [reference.path for reference in known.references]
    while waiting:
        name = waiting.pop()
        path = next((path for path in paths(name) if path in partials), None) if name else None
        if name is None or path is None or name in found:
            continue
        found[name] = parsed(partials[path])
        own = analyse_with(partials[path], helpers)
        _refuse(own, f"in {path}: ")
        waiting += [reference.path for reference in own.references]
    return found


def _refuse(known: Analysis, where: str) -> None:
    for refusal in known.refusals:
        raise TemplateProblem(f"{where}{refusal}", 1)


def _absent(path: str, text: str, known: Analysis, values: Values) -> Exception:
    name = next((part for part in _parts(path.removeprefix("@")) if part not in {"..", ".", "this", "root"}), path)
    if name in known.variables and name not in values:
        return UndefinedName(name)
    position = max(text.find(f"{{{{{path}"), text.find(path), 0)
    return TemplateProblem(f"'{path}' is absent there", line_of(text, position))
