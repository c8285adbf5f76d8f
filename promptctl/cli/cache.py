"""`promptctl cache`: recorded answers."""

from collections.abc import Mapping
from functools import partial
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
    from promptctl.cli.output import one_of, page
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


def _rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (model["model"], str(model["answers"]), "unknown" if model["cost_usd"] is None else f"${model['cost_usd']:.4f}")
        for model in document["models"]
    ]


def _summary(document: Mapping[str, Any]) -> str:
    size = document["bytes"] / 1024
    kept = f"{document['answers']} answers to {document['distinct']} requests, {size:,.0f} KiB in {document['path']}"
    return f"{kept}; the oldest {document['oldest']}, the newest {document['newest']}" if document["oldest"] else kept
