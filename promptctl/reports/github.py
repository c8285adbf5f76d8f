"""ReplayReport -> GitHub's workflow commands: annotations on the lines of the prompt file that changed."""

from collections.abc import Iterator, Mapping
from itertools import islice

from promptctl.reports.phrases import by_severity, standing
from promptctl.reports.places import Region, case_said, region, told, verdict_said
from promptctl.reports.safe import one_line, printable, shortened
from promptctl.reports.view import PromptView, ReplayReport

MOST = 10  # GitHub shows ten errors and ten warnings of a step, and passes over the rest
_LONG = 4_000  # characters of a message
_LEVELS: Mapping[str, str] = {"regressed": "error", "error": "error", "inconclusive": "warning", "passed": "notice"}


def annotations(report: ReplayReport) -> Iterator[str]:
    """A line each: every prompt's verdict, then the broken cases; no more errors than GitHub shows."""
    prompts = [prompt for prompt in by_severity(report.prompts) if prompt.verdict in _LEVELS]
    for prompt in prompts:
        title = f"{prompt.prompt}: {prompt.verdict}"
        yield _command(_LEVELS[prompt.verdict], region(prompt), title, verdict_said(prompt))
    left = max(0, MOST - sum(_LEVELS[prompt.verdict] == "error" for prompt in prompts))
    yield from islice(_cases(prompts), left)
    if report.run and prompts:
        yield f"promptctl report {one_line(report.run)} --format markdown shows the whole report.\n"


def _cases(prompts: list[PromptView]) -> Iterator[str]:
    for prompt in prompts:
        for case in told(prompt, MOST):
            became = f"regressed, {standing(case)}" if case.status == "regressed" else standing(case)
            title = f"{prompt.prompt}: {case.id} {became}"
            yield _command("error" if case.excuse is None else "notice", region(prompt), title, case_said(case))


def _command(level: str, where: Region | None, title: str, message: str) -> str:
    lines = {} if where is None else {"file": where.path, "line": str(where.first), "endLine": str(where.last)}
    said = {**lines, "title": shortened(one_line(title), 200)}
    properties = ",".join(f"{name}={_property(value)}" for name, value in said.items())
    return f"::{level} {properties}::{_data(shortened(message, _LONG))}\n"


def _data(text: str) -> str:
    """Escaped as the runner unescapes it: one line, whatever the text holds."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
