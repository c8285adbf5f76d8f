"""`promptctl review`: decide on the answers that changed."""

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

EXAMPLES = """Examples:

  promptctl review                              case after case, in the terminal

  promptctl review --list --format json

  promptctl review --accept t-001 t-002         the new answers become `expected`

  promptctl review --waive t-003 --reason "refunds move in December, ticket 712" --expires 2026-12-24

  promptctl review --label t-004 fail --note t-004 "promises a date"

  promptctl review --undo t-001

Several cases may follow --accept, --reject, --waive and --undo; --undo alone takes back what was decided last.
Exit code 0; 2 where something cannot be decided: then nothing was.
"""

_MANY = ("--accept", "--reject", "--waive", "--undo")
_PAIRS = ("--note", "--label")
LAST = "\x00last"  # what --undo means alone: no id holds a NUL
_SPLIT = "\x00"


class ReviewCommand(TyperCommand):
    """Options that take several cases, or a case and a word: each becomes options of one value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _single(args))


def _single(args: list[str]) -> list[str]:
    found: list[str] = []
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word in _PAIRS and len(rest) > 1:
            found += [word, _SPLIT.join((rest.pop(0), rest.pop(0)))]
        elif word in _MANY:
            values = []
            while rest and not rest[0].startswith("-"):
                values.append(rest.pop(0))
            values = values or ([LAST] if word == "--undo" else [])
            found += [part for value in values for part in (word, value)] or [word]
        else:
            found.append(word)
    return found


app = typer.Typer(add_completion=False, rich_markup_mode=None)

_Cases = list[str] | None


@app.command("review", cls=ReviewCommand, epilog=EXAMPLES)
def review(
    run: Annotated[str | None, typer.Argument(help="A run's id or its beginning; default: the last run.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="The cases and what was decided.")] = False,
    format_: Annotated[str, typer.Option("--format", help="terminal or json, with --list.")] = "terminal",
    prompts: Annotated[_Cases, typer.Option("-p", "--prompt", help="Whose cases are meant; repeatable.")] = None,
    accept: Annotated[
        _Cases, typer.Option("--accept", metavar="ID...", help="The new answer is right: it is what is expected now.")
    ] = None,
    reject: Annotated[_Cases, typer.Option("--reject", metavar="ID...", help="The new answer is wrong.")] = None,
    waive: Annotated[
        _Cases, typer.Option("--waive", metavar="ID...", help="The regression is known: it does not fail the gate.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, with --waive.")] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="NAME", help="Who answers for it; default: you, as git knows you.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="DATE", help="The waiver's last day; default: 30 days from now.")
    ] = None,
    note: Annotated[_Cases, typer.Option("--note", metavar="ID TEXT", help="Words about a case.")] = None,
    label: Annotated[
        _Cases, typer.Option("--label", metavar="ID pass|fail", help="What you say of the new answer, for judges.")
    ] = None,
    undo: Annotated[_Cases, typer.Option("--undo", metavar="[ID...]", help="Take the last decision back.")] = None,
) -> int:
    """Decide on the answers that changed: accept, waive, reject; without an option case after case, in the terminal."""
    from promptctl.cli.wiring.reviewing import ReviewRequest, run_review

    request = ReviewRequest(
        run=run,
        prompts=tuple(prompts or ()),
        listed=list_,
        format=format_,
        accept=tuple(accept or ()),
        reject=tuple(reject or ()),
        waive=tuple(waive or ()),
        reason=reason,
        owner=owner,
        expires=expires,
        notes=_pairs("--note", note),
        labels=_pairs("--label", label),
        undo=tuple(case for case in undo or () if case != LAST),
        undo_last=LAST in (undo or ()),
    )
    return run_review(request)


def _pairs(name: str, values: list[str] | None) -> tuple[tuple[str, str], ...]:
    pairs = [value.partition(_SPLIT) for value in values or ()]
    if any(not split for _, split, _ in pairs):
        raise typer.BadParameter(f"{name} takes a case and {'pass or fail' if name == '--label' else 'a text'}.")
    return tuple((case, text) for case, _, text in pairs)
