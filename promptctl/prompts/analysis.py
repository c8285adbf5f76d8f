"""What a template says without being rendered: its variables, what it includes, and whether it parses."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from promptctl.prompts.languages import Analysis, Reference, TemplateProblem, candidates, module_of
from promptctl.prompts.prompt import JINJA, LITERAL, PLACEHOLDER, Message, Prompt
from promptctl.prompts.substitution import is_static, substitution

__all__ = [
    "MAX_TEMPLATE",
    "Analysis",
    "Reference",
    "TemplateProblem",
    "analyse",
    "image_url",
    "path_of",
    "refusals",
    "required_variables",
    "templates",
    "texts",
    "texts_of",
    "variables",
]

MAX_TEMPLATE = 1024 * 1024  # characters


@lru_cache(maxsize=4096)
def analyse(text: str, language: str = JINJA) -> Analysis:
    """The template's names and references; TemplateProblem where it does not parse."""
    if len(text) > MAX_TEMPLATE:
        raise TemplateProblem("a template of more than 1 MiB", 1)
    if language == JINJA and is_static(text):
        return Analysis()
    plain = substitution(text) if language == JINJA else None
    if plain is not None:
        return Analysis(variables=plain.names)
    return module_of(language).analyse(text)


def templates(prompt: Prompt) -> Iterator[tuple[str, str]]:
    """All template texts of a prompt, in order, each with its language; the script instead, where there is one."""
    if prompt.script is not None:
        yield prompt.script, prompt.language
        return
    for message in prompt.messages:
        language = prompt.language_of(message)
        yield from ((text, language) for text in texts_of(message))


def texts(prompt: Prompt) -> Iterator[str]:
    """All texts of a prompt's messages, in order."""
    for message in prompt.messages:
        yield from texts_of(message)


def texts_of(message: Message) -> Iterator[str]:
    """The texts of a message: of its content, or of its parts; none where it is a placeholder."""
    if message.role == PLACEHOLDER:
        return
    if isinstance(message.content, str):
        yield message.content
        return
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


def refusals(prompt: Prompt) -> tuple[str, ...]:
    """What the templates ask for that no rendering can do here, each named once."""
    found: dict[str, None] = {}
    waiting = [(text, language) for text, language in templates(prompt) if language != LITERAL]
    seen = set(waiting)
    while waiting:
        text, language = waiting.pop(0)
        try:
            own = analyse(text, language)
        except TemplateProblem:
            continue  # its reader has said so, or takes it literally
        found.update(dict.fromkeys(own.refusals))
        paths = {path_of(one, language, prompt.partials) for one in own.references}
        fresh = {(prompt.partials[path], language) for path in paths if path is not None} - seen
        seen |= fresh
        waiting += sorted(fresh)
    return tuple(found)


def path_of(reference: Reference, language: str, partials: Mapping[str, str]) -> str | None:
    """Which of the partials is meant; None where it is none of them."""
    if reference.path is None:
        return None
    return next((path for path in candidates(language, reference.path) if path in partials), None)


Names = tuple[frozenset[str], frozenset[str]]  # all, and those of them that are optional


def _names(prompt: Prompt) -> Names:
    known: dict[str, Names] = {}
    found = [
        _with_partials(analyse(text, language), language, prompt.partials, known)
        for text, language in templates(prompt)
        if language != LITERAL
    ]
    return _union([*found, *map(_placeheld, prompt.messages)])


def _placeheld(message: Message) -> Names:
    if message.role != PLACEHOLDER:
        return frozenset(), frozenset()
    name = frozenset({str(message.content)})
    return name, name if message.extra.get("optional") else frozenset()


def _with_partials(own: Analysis, language: str, partials: Mapping[str, str], known: dict[str, Names]) -> Names:
    found = [(own.variables, own.optional)]
    for reference in dict.fromkeys(own.references):
        path = path_of(reference, language, partials)
        if path is None or reference.given is None:
            continue
        if path not in known:
            known[path] = frozenset(), frozenset()  # a circle, which reading refuses, ends here
            known[path] = _with_partials(analyse(partials[path], language), language, partials, known)
        every, optional = known[path]
        bound = own.bound | reference.given
        found.append((every - bound, (every if reference.loose else optional) - bound))
    return _union(found)


def _union(names: Iterable[Names]) -> Names:
    """What one template needs, no other makes optional."""
    required: set[str] = set()
    every: set[str] = set()
    for found, optional in names:
        required |= found - optional
        every |= found
    return frozenset(every), frozenset(every - required)
