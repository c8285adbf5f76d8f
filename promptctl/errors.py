"""Every error a user can cause.

PromptctlError            message, hint, exit code
├── UserError             2: usage, settings, files, revisions
│   ├── FileError         all mistakes of a file at once
│   │   ├── InvalidSettings
│   │   ├── InvalidPrompt
│   │   ├── InvalidInputs
│   │   ├── InvalidRecordings
│   │   ├── InvalidWaivers
│   │   └── InvalidReview
│   ├── NotARepository
│   ├── UnknownRevision
│   └── NothingSelected
├── CouldNotFindOut       3: the provider, the store, the network
│   └── StoreError
└── Interrupted           130: stopped by the user, resumable
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one file: what, where, what next.

    `line` counts from 1; None where the whole file is meant.
    """

    where: str
    message: str
    line: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}: line {self.line}"
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} {self.hint}" if self.hint else text


class PromptctlError(Exception):
    """Something that the user can mend: one line that says what and where, and a hint that says what next."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def lines(self) -> tuple[str, ...]:
        """What is printed, one mistake a line."""
        return (str(self),)


class UserError(PromptctlError):
    """The user's mistake: usage, settings, files, a selection that matches nothing."""


class FileError(UserError):
    """All the mistakes of one file (or of several) at once."""

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def lines(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(problem) for problem in self.problems))


class NotARepository(UserError):
    """No git repository here, none that git trusts, or no git."""


class UnknownRevision(UserError):
    """A revision that git does not know, or that looks like an option."""


class InvalidSettings(FileError):
    """Mistakes in .promptctl.yaml, the environment or the flags that stand for them."""


class InvalidPrompt(FileError):
    """Mistakes in a prompt file."""


class InvalidInputs(FileError):
    """Mistakes in a file of stored inputs."""


class InvalidRecordings(FileError):
    """Mistakes in a file of recorded answers."""


class InvalidWaivers(FileError):
    """Mistakes in .promptctl/waivers.yaml."""


class InvalidReview(FileError):
    """Decisions on cases that cannot be made; none was."""


class NothingSelected(UserError):
    """A selection that matches nothing."""


class CouldNotFindOut(PromptctlError):
    """The question could not be answered: no provider, no store, no budget."""

    exit_code = 3


class StoreError(CouldNotFindOut):
    """The store of answers and runs cannot be opened, read or written."""


class Interrupted(PromptctlError):
    """Stopped by the user; what was paid for is kept."""

    exit_code = 130


class Mistakes:
    """Checks that do not depend on each other: all their mistakes are said at once, not one a run.

    mistakes = Mistakes()
    with mistakes.noted():
        ...  # raises UserError
    mistakes.finish()
    """

    def __init__(self) -> None:
        self._found: list[UserError] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Keep a mistake for `finish`; what comes after it in the block is not done."""
        try:
            yield
        except UserError as error:
            self._found.append(error)

    def finish(self) -> None:
        """Raise the mistake as it was, or all of them as one error."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise FileError([Problem("", line) for error in self._found for line in error.lines()])
