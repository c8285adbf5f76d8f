"""A report -> stdout and files, in the formats that were asked for."""

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.cli.screen import PIPE, one_of, terminal
from promptctl.cli.shell import say
from promptctl.errors import Mistakes, StoreError, UserError
from promptctl.reports import formats
from promptctl.reports.view import ReplayReport

# The runner of GitHub Actions takes commands from what is printed: `::` where a line begins, the older `##[` anywhere.
_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_OLD_COMMAND = re.compile(r"##(?=\[)")


def _spaced(text: str) -> str:
    return _OLD_COMMAND.sub("## ", _COMMAND.sub(r"\1: ", text))


def _escaped_in_json(text: str) -> str:
    return _OLD_COMMAND.sub(r"#\\u0023", text)


def _escaped_in_xml(text: str) -> str:
    return _OLD_COMMAND.sub("#&#35;", _COMMAND.sub(r"\1&#58;", text))


RUNNER: Mapping[str, Callable[[str], str]] = {
    "terminal": _spaced,
    "markdown": _spaced,
    "csv": _spaced,
    "json": _escaped_in_json,
    "sarif": _escaped_in_json,
    "junit": _escaped_in_xml,
}


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a report goes: one format to stdout, any number of files by their extension."""

    stdout: str
    files: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def of(cls, stdout: str, files: Sequence[Path]) -> "Outputs":
        """Raises UserError for unknown formats, absent folders or packages: before anything is asked."""
        mistakes = Mistakes()
        with mistakes.noted():
            one_of(stdout, formats.NAMES)
            formats.check_installed(stdout)
        named = []
        for path in files:
            with mistakes.noted():
                if not path.parent.is_dir():
                    raise UserError(f"{path}: there is no folder {path.parent}.", hint="Make it first.")
                named.append((path, formats.format_of(path)))
                formats.check_installed(named[-1][1])
        mistakes.finish()
        if stdout == formats.PARQUET and sys.stdout.isatty():
            raise UserError("parquet is no text for a terminal.", hint="Write it to a file: -o cases.parquet")
        return cls(stdout, tuple(named))

    def write(self, report: ReplayReport) -> bool:
        """Print and write; whether all of it could be written.

        What could not is said, a line each, and nothing is raised: the run is stored, and its verdict stands.
        """
        problems = [problem for path, name in self.files if (problem := _written(path, name, report))]
        for what in [str(path) for path, name in self.files if name == "html"] + ["the page"] * (self.stdout == "html"):
            _say_what_a_page_leaves_out(what, report)
        try:
            _print(self.stdout, report)
        except BrokenPipeError:
            raise
        except OSError as error:
            problems.append(f"the report cannot be printed: {error.strerror or error}.")
            _drop_stdout()
        except StoreError as error:
            problems.append(f"the report cannot be printed: {error}")
        for problem in problems:
            say(f"{problem} The verdict stands; `promptctl report {report.run} -o FILE` writes it again.")
        return not problems


def _say_what_a_page_leaves_out(what: str, report: ReplayReport) -> None:
    from promptctl.reports.html.data import MOST

    cases = sum(prompt.counts.get("inputs", 0) for prompt in report.prompts)
    if cases > MOST:
        every = f"`promptctl report {report.run} -o cases.csv` has them all."
        say(f"{what}: a page holds {MOST:,} cases, those that broke first; {cases - MOST:,} are left out. {every}")


def _print(name: str, report: ReplayReport) -> None:
    if name == formats.PARQUET:
        from promptctl.reports.parquet import write_parquet  # 150 ms: pyarrow

        write_parquet(report, sys.stdout.buffer)
    else:
        inert = RUNNER.get(name) if os.environ.get("GITHUB_ACTIONS") == "true" else None
        for text in formats.FORMATS[name](report, **terminal()):
            sys.stdout.write(inert(text) if inert else text)
    sys.stdout.flush()


def _drop_stdout() -> None:
    """What is left in its buffer would fail once more when Python flushes it at exit, and end with code 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _written(path: Path, name: str, report: ReplayReport) -> str | None:
    """Write one file -> what went wrong."""
    try:
        _write(path, name, report)
    except OSError as error:
        return f"{path}: cannot be written: {error.strerror or error}."
    except StoreError as error:  # the cases are read back from it while the report is written
        return f"{path}: cannot be written: {error}"
    return None


def _write(path: Path, name: str, report: ReplayReport) -> None:
    if name == formats.PARQUET:
        from promptctl.reports.parquet import write_parquet  # 150 ms: pyarrow

        with path.open("wb") as binary:
            write_parquet(report, binary)
        return
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(formats.FORMATS[name](report, width=PIPE, color=False))
