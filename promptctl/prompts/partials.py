"""The templates that a prompt includes: found, transitively, at the same revision, each checked."""

from collections.abc import Callable
from dataclasses import dataclass, field

from promptctl.documents import printable
from promptctl.errors import FileError, Problem
from promptctl.prompts.analysis import Analysis, Reference, TemplateProblem, analyse

Include = Callable[[str], str | None]

MAX_PARTIALS = 200
MAX_CHARACTERS = 5 * 1024 * 1024


@dataclass(slots=True)
class Partials:
    """The partials found so far, by path relative to the prompts folder, and all that is wrong with them.

    `include` gives a partial's text, or None where there is none.
    """

    where: str
    include: Include
    found: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def follow(self, template: Analysis, line_of: Callable[[int], int | None]) -> None:
        """Find what a template of the prompt file names. `line_of` maps its lines to the file's."""
        for reference in template.references:
            self._visit(reference, line_of(reference.line), "", ())

    def _visit(self, reference: Reference, line: int | None, inside: str, above: tuple[str, ...]) -> None:
        path = reference.path
        reason = _unusable(path)
        if path is None or reason:
            self._problem(f"{inside}{reason}", line, "Name a file below the prompts folder.")
        elif path in above:
            circle = " -> ".join(map(printable, (*above[above.index(path) :], path)))
            self._problem(f"{inside}partials include each other in a circle: {circle}.", line)
        elif path not in self.found:
            self._read(path, reference, line, inside, above)

    def _read(self, path: str, reference: Reference, line: int | None, inside: str, above: tuple[str, ...]) -> None:
        try:
            text = self.include(path)
        except FileError as error:
            self.problems.extend(error.problems)
            return
        if text is None:
            if not reference.optional:
                hint = "Paths are relative to the prompts folder."
                self._problem(f"{inside}there is no partial '{printable(path)}'.", line, hint)
            return
        if len(self.found) >= MAX_PARTIALS or sum(map(len, self.found.values())) + len(text) > MAX_CHARACTERS:
            self._problem(f"{inside}includes more than {MAX_PARTIALS} partials, or 5 MiB of them.", line)
            return
        self.found[path] = text
        self._check(path, text, line, above)

    def _check(self, path: str, text: str, line: int | None, above: tuple[str, ...]) -> None:
        try:
            template = analyse(text)
        except TemplateProblem as error:
            self._problem(f"in {printable(path)}, line {error.line}: {printable(error.message, limit=200)}.", line)
            return
        for nested in template.references:
            self._visit(nested, line, f"in {printable(path)}, line {nested.line}: ", (*above, path))

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
