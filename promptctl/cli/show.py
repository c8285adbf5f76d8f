"""`promptctl show`: one prompt, resolved or rendered."""

from functools import partial
from typing import Annotated, Any

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl show support/triage

  promptctl show support/triage@main --input t-001

  promptctl show support/triage --var ticket='Where is my parcel?' --format json
"""


@app.command("show", epilog=EXAMPLES)
def show(
    name: Annotated[str, typer.Argument(help="A prompt, as NAME, NAME@REV or its path.")],
    input_id: Annotated[str | None, typer.Option("--input", help="Render it with this stored input.")] = None,
    var: Annotated[list[str] | None, typer.Option("--var", help="Render it with NAME=VALUE; repeatable.")] = None,
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """One prompt: its model, parameters and messages as templates, or rendered with an input."""
    from promptctl.cli import wiring
    from promptctl.cli.screen import one_of, page
    from promptctl.reports.terminal_prompt import render_prompt  # 50 ms: rich
    from promptctl.workflows.inventory import assignments, prompt_document, rendered

    one_of(format_, ("terminal", "json"))
    values = assignments(var or ())
    with wiring.chosen_prompt(name) as chosen:
        prompt = chosen.prompt()
        document: dict[str, Any] = {"schema": "promptctl.prompt/1", **prompt_document(prompt)}
        if input_id is not None or values:
            messages = rendered(chosen.snapshot, prompt, input_id=input_id, values=values)
            document |= {"messages": [message.to_json() for message in messages], "resolved": True}
    if format_ == "json":
        from promptctl.reports.json import dumps  # 15 ms

        typer.echo(dumps(document))
    else:
        page(partial(render_prompt, document))
    return 0
