"""`promptctl schema`: JSON Schemas for editors, to stdout."""

import json
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl schema prompt > .promptctl/schemas/prompt.json

  promptctl schema                      the settings', .promptctl.yaml

In a YAML file, name it in the first line:

  # yaml-language-server: $schema=../.promptctl/schemas/prompt.json
"""


@app.command("schema", epilog=EXAMPLES)
def schema(
    name: Annotated[str, typer.Argument(metavar="[settings|prompt|input|waivers]", help="Which file's.")] = "settings",
) -> int:
    """The JSON Schema (draft 2020-12) of settings, prompts, stored inputs or waivers; `init` writes all four."""
    from promptctl.workflows import schemas

    typer.echo(json.dumps(schemas.schema(name), ensure_ascii=False, indent=2))
    return 0
