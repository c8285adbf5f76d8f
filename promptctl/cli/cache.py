"""`promptctl cache`: recorded answers."""

import re
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback(epilog="Example: promptctl cache stats")
def cache() -> None:
    """Answers that were paid for once: what is kept of them."""


@app.command("stats", epilog="Example: promptctl cache stats --format json")
def stats(
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """How many answers are kept, of which models, and what they cost."""
    from promptctl.cli import wiring
    from promptctl.cli.screen import one_of, page
    from promptctl.reports.terminal_summary import render_table  # 50 ms: rich

    one_of(format_, ("terminal", "json"))
    document = wiring.cache_stats()
    if format_ == "json":
        from promptctl.reports.json import dumps  # 15 ms

        typer.echo(dumps({"schema": "promptctl.cache/1", **document}))
    else:
        page(partial(render_table, ("model", "answers", "cost"), _rows(document)))
        typer.echo(_summary(document))
    return 0


@app.command("export", epilog="Example: promptctl cache export -o answers.jsonl")
def export(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file; else standard output.")] = None,
) -> int:
    """Every kept answer with its request, a JSON line each: for another machine, or for the archive."""
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.answers import export_answers
    from promptctl.errors import UserError

    if output is None:
        export_answers(sys.stdout)
        return 0
    try:
        with output.open("w", encoding="utf-8", newline="\n") as target:
            count = export_answers(target)
    except OSError as error:
        raise UserError(f"{output}: cannot be written: {error.strerror or error}.", hint="Name another file.") from None
    say(f"{count} answers are in {output}.")
    return 0


@app.command("import", epilog="Example: promptctl cache import answers.jsonl")
def import_(
    file: Annotated[Path, typer.Argument(help="What `cache export` wrote; - for standard input.")],
) -> int:
    """Keep the answers of an export that are not kept here yet. Each is checked against its own request."""
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.answers import import_answers
    from promptctl.errors import UserError

    try:
        with sys.stdin if str(file) == "-" else file.open(encoding="utf-8") as source:
            done = import_answers(source, str(file))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise UserError(f"{file}: cannot be read: {reason}.", hint="Name a file that cache export wrote.") from None
    for problem in done.problems[:20]:
        say(problem)
    if len(done.problems) > 20:
        say(f"and {len(done.problems) - 20} more broken lines.")
    say(f"{done.added} answers added, {done.known} known already.")
    return 2 if done.problems else 0


@app.command("prune", epilog="Example: promptctl cache prune --older-than 90d --superseded --dry-run")
def prune(
    older_than: Annotated[str | None, typer.Option("--older-than", metavar="AGE", help="As 90d, 12h.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Answers of this model.")] = None,
    superseded: Annotated[
        bool, typer.Option("--superseded", help="Answers to calls that were answered again later.")
    ] = False,
    recordings: Annotated[
        bool, typer.Option("--recordings", help="Instead: recorded answers in the working tree that no replay uses.")
    ] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="REVS", help="With --recordings: what a replay of these uses too; repeatable."),
    ] = None,
    max_size: Annotated[
        str | None, typer.Option("--max-size", metavar="SIZE", help="The oldest, until the store fits: as 500MB, 2GB.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many; remove none.")] = False,
) -> int:
    """Let answers go: those that everything named here holds for. What was paid for is gone with them."""
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.answers import prune_answers
    from promptctl.errors import UserError
    from promptctl.settings import duration

    stored = {"--older-than": older_than, "--model": model, "--superseded": superseded, "--max-size": max_size}
    strange = [flag for flag, value in stored.items() if value]
    if recordings and strange:
        raise UserError(f"cache prune: {', '.join(strange)} chooses stored answers: leave it out, or --recordings.")
    if keep and not recordings:
        raise UserError("cache prune: --keep belongs to --recordings.")
    if recordings:
        return _prune_recordings(keep or [], dry_run=dry_run)
    if older_than is None and model is None and max_size is None and not superseded:
        hint = "For example --older-than 90d, --superseded, --max-size 500MB or --model NAME."
        raise UserError("cache prune: say which answers may go.", hint=hint)
    age = None if older_than is None else duration(older_than)
    if older_than is not None and age is None:
        raise UserError(f"--older-than {older_than}: no duration.", hint="As 90d, 12h, 30m.")
    before = None if age is None else time.time() - age
    most = None if max_size is None else _bytes(max_size)
    count = prune_answers(before=before, model=model, superseded=superseded, max_bytes=most, dry_run=dry_run)
    say(f"{count} answers {'would go' if dry_run else 'are gone'}.")
    return 0


def _prune_recordings(keep: list[str], *, dry_run: bool) -> int:
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.answers import prune_recordings

    gone = prune_recordings(keep, dry_run=dry_run)
    for path, count in gone.items():
        say(f"{path}: {count} recorded answers {'would go' if dry_run else 'are gone'}.")
    if not gone:
        say("every recorded answer is used.")
    return 0


def _bytes(text: str) -> int:
    """`500MB`, `2GB`, `64KiB` or bytes. Raises UserError."""
    from promptctl.errors import UserError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", text.strip().lower())
    if found is None:
        raise UserError(f"--max-size {text}: no size.", hint="As 500MB, 2GB, 64KiB.")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** " kmgt".index(found[2] or " "))


def _rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (model["model"], str(model["answers"]), "unknown" if model["cost_usd"] is None else f"${model['cost_usd']:.4f}")
        for model in document["models"]
    ]


def _summary(document: Mapping[str, Any]) -> str:
    size = document["bytes"] / 1024
    kept = f"{document['answers']} answers to {document['distinct']} requests, {size:,.0f} KiB in {document['path']}"
    return f"{kept}; the oldest {document['oldest']}, the newest {document['newest']}" if document["oldest"] else kept
