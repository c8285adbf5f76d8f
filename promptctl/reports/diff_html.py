"""DiffReport -> one HTML page that stands alone: no script, nothing loaded, every text inert."""

from collections.abc import Iterator
from html import escape

from promptctl.reports.diff_facts import (
    TextBlock,
    ValueRow,
    compared,
    cost_said,
    text_blocks,
    tokens_said,
    value_rows,
    words_moved,
)
from promptctl.reports.diff_lines import Kind, Line, unified
from promptctl.reports.diff_view import DiffItem, DiffReport, also_said
from promptctl.reports.numbers import place, plural
from promptctl.reports.safe import one_line, printable, shortened

_LINES = 2_000  # of one text that are shown
_LONG = 20_000  # characters of one line that are shown
_SHORT = 24  # characters of a value that stands beside its other version on one line
_CLASSES = {Kind.OLD: "old", Kind.NEW: "new", Kind.BOTH: "both", Kind.GAP: "gap", Kind.FROM: "from", Kind.TO: "to"}
# The page loads nothing and runs nothing, whatever a browser or a mail program makes of it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root{color-scheme:light dark;--text:#1f2328;--dim:#59636e;--page:#fff;--line:#d1d9e0;--old:#ffebe9;--new:#dafbe1;
--del:#ffc1ba;--ins:#aceebb;--move:#ddf4ff;--warn:#9a6700;--head:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--dim:#9198a1;--page:#0d1117;--line:#3d444d;--old:#3c1618;
--new:#12361f;--del:#8e2a2a;--ins:#1f6f3a;--move:#0c2d4d;--warn:#d29922;--head:#151b23}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem;font:15px/1.5 system-ui,sans-serif;color:var(--text);
background:var(--page)}
h1{font-size:1.3rem}h2{font-size:1.1rem;margin:2.5rem 0 .5rem;overflow-wrap:anywhere}
h3{font-size:.9rem;margin:1rem 0 .25rem;color:var(--dim);overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
ul{padding-left:1.2rem;margin:.5rem 0}.dim{color:var(--dim)}.warn{color:var(--warn)}
.text{font:13px/1.5 ui-monospace,monospace;border:1px solid var(--line);border-radius:6px;overflow:hidden}
.text div{display:flex}.text b{flex:0 0 1.6rem;text-align:center;font-weight:400;color:var(--dim);user-select:none}
.text span{flex:1;white-space:pre-wrap;overflow-wrap:anywhere;min-width:0;padding-right:.5rem}
.old{background:var(--old)}.new{background:var(--new)}.from,.to{background:var(--move)}.gap{background:var(--head)}
.gap span{color:var(--dim)}
del{background:var(--del);text-decoration:none;border-radius:2px}ins{background:var(--ins);text-decoration:none;
border-radius:2px}
code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
a{color:inherit}
@media print{.text{break-inside:avoid}}
""".strip()


def to_html(report: DiffReport) -> str:
    """`diff --format html`: a table of the prompts, then each one's values and texts."""
    return "\n".join(_page(report)) + "\n"


def _page(report: DiffReport) -> Iterator[str]:
    sides = f"{_line(place(report.old))} → {_line(place(report.new))}"
    number = len(report.prompts)
    extent = plural(number, "prompt differs", "prompts differ") if number else "no prompt differs"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>promptctl diff: {sides}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>"
    yield f'<h1>{sides} <span class="dim">{extent}</span></h1>'
    if report.prompts:
        yield from _table(report)
    for at, item in enumerate(report.prompts, 1):
        yield from _section(item, at)
    yield "</body>\n</html>"


def _table(report: DiffReport) -> Iterator[str]:
    titles = ("prompt", "change", "words", "also", "tokens", "input cost")
    heads = "".join(f'<th scope="col">{title}</th>' for title in titles)
    yield f'<div class="scroll"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>'
    for at, item in enumerate(report.prompts, 1):
        cells = [f'<a href="#p{at}">{_line(item.name)}</a>', _line(item.change), *_counts(item)]
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</tbody></table></div>"


def _counts(item: DiffItem) -> list[str]:
    if item.diff is None:
        return ["unreadable", "", "", ""]
    words = words_moved(item.diff)
    moved = f"+{words.added:,} −{words.removed:,}"
    return [moved, *map(_line, (also_said(item), tokens_said(item.diff), cost_said(item.diff)))]


def _section(item: DiffItem, at: int) -> Iterator[str]:
    was = item.old_path or item.old_name
    source = f", was {_line(was)}" if was else ""
    yield f'<section id="p{at}">'
    yield f'<h2>{_line(item.name)} <span class="dim">{_line(item.change)}{source}</span></h2>'
    yield from _list([f'<span class="warn">{_line(problem)}</span>' for problem in item.problems])
    if item.diff is not None:
        warnings = [f'<span class="warn">warning: {_line(warning)}</span>' for warning in item.diff.warnings]
        yield from _list([*warnings, *(f"note: {_line(remark)}" for remark in item.diff.remarks)])
        yield from _list([_value(row) for row in value_rows(item.diff)])
        for block in text_blocks(item.diff):
            yield from _block(block)
    yield "</section>"


def _list(items: list[str]) -> Iterator[str]:
    if items:
        yield f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _value(row: ValueRow) -> str:
    if row.said:
        return _line(row.said)
    where = f"<code>{_line(row.where)}</code>"
    if row.old is None:
        return f"{where} added: <code><ins>{_line(row.new or '')}</ins></code>"
    if row.new is None:
        return f"{where} removed: <code><del>{_line(row.old)}</del></code>"
    if max(len(row.old), len(row.new)) > _SHORT:
        return where + "".join(_lines(unified(compared(row))))
    return f"{where} <code><del>{_line(row.old)}</del></code> → <code><ins>{_line(row.new)}</ins></code>"


def _block(block: TextBlock) -> Iterator[str]:
    yield f"<h3>{_line(block.title)}</h3>"
    yield from _list([_value(row) for row in block.rows])
    yield from _lines(unified(block.segments))


def _lines(lines: list[Line]) -> Iterator[str]:
    if not lines:
        return
    yield '<div class="text">'
    yield from map(_shown, lines[:_LINES])
    if len(lines) > _LINES:
        yield _row(Kind.GAP, f"… {plural(len(lines) - _LINES, 'more line')}")
    yield "</div>"


def _shown(line: Line) -> str:
    if line.kind is Kind.GAP:
        return _row(Kind.GAP, plural(line.left_out, "line"))
    tag = {Kind.OLD: "del", Kind.NEW: "ins"}.get(line.kind)
    pieces = []
    room = _LONG
    for piece in line.pieces:
        text = _text(piece.text[:room])
        pieces.append(f"<{tag}>{text}</{tag}>" if tag and piece.changed and line.mixed else text)
        room -= len(piece.text[:room])
    cut = f" … ({len(line.text):,} characters)" if len(line.text) > _LONG else ""
    return _row(line.kind, "".join(pieces) + cut)


def _row(kind: Kind, content: str) -> str:
    return f'<div class="{_CLASSES[kind]}"><b>{escape(kind.value.strip())}</b><span>{content}</span></div>'


def _text(text: str) -> str:
    return escape(printable(text))


def _line(text: str) -> str:
    return escape(shortened(one_line(text), 1_000))
