"""LogView and BlameView -> what `log` and `blame` print."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.text import Text

from promptctl.prompts.diff import PromptDiff
from promptctl.reports.history import BlameView, CommitView, LineView, LogView, ReplayNote, VersionView, said
from promptctl.reports.numbers import plural
from promptctl.reports.safe import one_line, printable, shortened
from promptctl.reports.terminal_canvas import STYLES, Canvas
from promptctl.reports.terminal_diff import prompt_lines

_CHANGES = {"added": "green", "removed": "red", "renamed": "yellow", "modified": "yellow"}
_AUTHOR = 14  # cells of a name beside a line


def render_log(
    view: LogView, *, width: int = 80, color: bool = False, encoding: str = "utf-8", patch: bool = False
) -> str:
    """A paragraph a version, newest first; with `patch` also what it changed, word by word."""
    canvas = Canvas(width, color=color, encoding=encoding)
    lines: list[Text] = []
    for version in view.versions:
        lines += [*version_lines(version, canvas), Text()]
        if patch and version.diff is not None:
            lines += [*prompt_lines(version.diff, canvas), Text()]
    if view.left_out:
        commits = plural(view.left_out, "commit")
        lines += canvas.paragraph(canvas.text((f"{commits} changed no meaning and stand here with --all.", "dim")))
    if view.shallow:
        older = "This clone is shallow: older versions take git fetch --unshallow."
        lines += canvas.paragraph(canvas.text((older, "dim")))
    return canvas.rendered(lines or [canvas.text("No version.")])


def version_lines(version: VersionView, canvas: Canvas) -> list[Text]:
    """The commit, what it did, and what replays said of it."""
    commit = version.commit
    head = canvas.text(
        (commit.commit[:10], "yellow"), f"  {commit.date[:10]}  ", (shortened(one_line(commit.author), 40), "dim")
    )
    lines = [*canvas.paragraph(head), *canvas.paragraph(canvas.text(one_line(commit.subject)), 2, limit=2, hang=2)]
    what = ", ".join(map(one_line, said(version)))
    told = canvas.text((version.change, _CHANGES.get(version.change, "")), f"  {what}" if what else "")
    lines += canvas.paragraph(told, 2, limit=4, hang=2)
    if version.old_name or version.old_path:
        was = version.old_name or version.old_path or ""
        lines += canvas.paragraph(canvas.text(f"was {shortened(one_line(was), 200)}"), 2)
    for note in version.replays:
        lines += canvas.paragraph(_replay(note, canvas), 2)
    for problem in version.problems:
        lines += canvas.labelled(("!", "magenta"), canvas.text(one_line(problem)), indent=2, gutter=2, limit=4)
    return lines


def render_one(head: str, diff: PromptDiff, *, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """What changed in one prompt, under a heading: what `git diff` prints for its file."""
    canvas = Canvas(width, color=color, encoding=encoding)
    lines = prompt_lines(diff, canvas) or canvas.paragraph(canvas.text(("nothing that it means", "dim")), 2)
    return canvas.rendered([canvas.text((one_line(head), "bold")), *lines])


def _replay(note: ReplayNote, canvas: Canvas) -> Text:
    broke = f", {note.regressed} of {plural(note.inputs, 'case')} regressed" if note.regressed else ""
    verdict = one_line(note.verdict)
    return canvas.text("replay ", (one_line(note.run), "dim"), ": ", (verdict, STYLES.get(verdict, "")), broke)


def render_blame(view: BlameView, *, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """The origin of each line beside it, under a heading for each message."""
    canvas = Canvas(width, color=color, encoding=encoding)
    lines: list[Text] = []
    part = None
    authors = [_author(line.commit) for line in view.lines]
    gutter = max(map(cell_len, authors), default=0)
    for line, author in zip(view.lines, authors, strict=True):
        if line.part != part:
            lines += [*([Text()] if lines else []), canvas.text((one_line(line.part), "bold"))]
            part = line.part
        lines += _blamed(line, author + " " * (gutter - cell_len(author)), canvas)
    if view.shallow:
        oldest = "This clone is shallow: its oldest commit stands for all before it. git fetch --unshallow brings them."
        lines += [Text(), *canvas.paragraph(canvas.text((oldest, "dim")))]
    return canvas.rendered(lines)


def _author(commit: CommitView | None) -> str:
    name = "" if commit is None else shortened(one_line(commit.author), _AUTHOR)
    return name if cell_len(name) <= _AUTHOR else name[: _AUTHOR // 2]


def _blamed(line: LineView, author: str, canvas: Canvas) -> Iterable[Text]:
    if line.commit is None:
        origin = f"{line.note:<20} {author}"
    else:
        origin = f"{line.commit.commit[:8]} {line.commit.date[:10]}  {author}"
    label = canvas.text((f"{origin} {line.line:>3}│ ", "dim"))
    body = canvas.text(printable(line.text))
    wrapped = canvas.wrapped(body, max(canvas.width - cell_len(label.plain), 20))
    beside = canvas.text((" " * (cell_len(label.plain) - 2) + "│ ", "dim"))
    return [Text.assemble(label if number == 0 else beside, text) for number, text in enumerate(wrapped or [Text()])]
