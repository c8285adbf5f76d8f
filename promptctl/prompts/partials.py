"""The templates that a prompt includes: found, transitively, at the same revision, each checked."""

from collections.abc import Callable
from dataclasses import dataclass, field

from promptctl.documents import printable
from promptctl.errors import FileError, Problem
from promptctl.prompts.analysis import Analysis, Reference, TemplateProblem, analyse
from promptctl.prompts.languages import candidates
from promptctl.prompts.prompt import JINJA

Include = Callable[[str], str | None]

MAX_PARTIALS = 200
MAX_CHARACTERS = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a partial is named: by a template in that language, at that line of the prompt's file.

    `inside` says which partial, in words; `above` are all those that lead there.
    """

    language: str
    line: int | None
    inside: str = ""
    above: tuple[str, ...] = ()


@dataclass(slots=True)
class Partials:
    """The partials found so far, by path relative to the prompts folder, and all that is wrong with them.

    `include` gives a partial's text, or None where there is none. A partial is written in the language of the template
    that names it.
    """

    where: str
    include: Include
    found: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _checked: set[tuple[str, str]] = field(default_factory=set)  # language and path

    def follow(self, template: Analysis, line_of: Callable[[int], int | None], language: str = JINJA) -> None:
        """Find what a template of the prompt file names. `line_of` maps its lines to the file's."""
        for reference in template.references:
            self._visit(reference, _Place(language, line_of(reference.line)))

    def _visit(self, reference: Reference, place: _Place) -> None:
        name = reference.path
        reason = _unusable(name)
        if name is None or reason:
            self._problem(f"{place.inside}{reason}", place.line, "Name a file below the prompts folder.")
            return
        path = self._read(name, reference, place)
        if path is None:
            return
        if path in place.above:
            circle = " -> ".join(map(printable, (*place.above[place.above.index(path) :], path)))
            self._problem(f"{place.inside}partials include each other in a circle: {circle}.", place.line)
        elif (place.language, path) not in self._checked:
            self._checked.add((place.language, path))
            self._check(path, place)

    def _read(self, name: str, reference: Reference, place: _Place) -> str | None:
        """The path of the partial of that name, which is then among those found; None where it cannot be had."""
        path, text = name, None
        try:
            for path in candidates(place.language, name):
                text = self.found[path] if path in self.found else self.include(path)
                if text is not None:
                    break
        except FileError as error:
            self.problems.extend(problem for problem in error.problems if problem not in self.problems)
            return None
        if text is None:
            if not reference.optional:
                hint = "Paths are relative to the prompts folder."
                self._problem(f"{place.inside}there is no partial '{printable(name)}'.", place.line, hint)
            return None
        if path not in self.found and self._full(text):
            message = f"{place.inside}includes more than {MAX_PARTIALS} partials, or 5 MiB of them."
            self._problem(message, place.line)
            return None
        self.found[path] = text
        return path

    def _full(self, text: str) -> bool:
        return len(self.found) >= MAX_PARTIALS or sum(map(len, self.found.values())) + len(text) > MAX_CHARACTERS

    def _check(self, path: str, place: _Place) -> None:
        try:
            template = analyse(self.found[path], place.language)
        except TemplateProblem as error:
            message = f"in {printable(path)}, line {error.line}: {printable(error.message, limit=200)}."
            self._problem(message, place.line)
            return
        for nested in template.references:
            inside = f"in {printable(path)}, line {nested.line}: "
            self._visit(nested, _Place(place.language, place.line, inside, (*place.above, path)))

    def _problem(self, message: str, line: int | None, hint: str = "") -> None:
        problem = Problem(self.where, message, line, hint)
        if problem not in self.problems:
            self.problems.append(problem)


def _unusable(path: str | None) -> str:
    if path is None:
        return "the name of a partial must be written out, not computed."
    if not path or path.startswith("/") or "\\" in path or "\0" in path or ".." in path.split("/") or ":" in path:
        return f"the partial '{printable(path)}' lies outside the prompts folder."
    return ""
