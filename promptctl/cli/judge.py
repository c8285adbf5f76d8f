"""`promptctl judge`: judges held against people."""

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli.shell import finite

EXAMPLES = """Examples:

  promptctl judge calibrate labels.jsonl -p support/triage    the judge of a prompt's assertion

  promptctl judge calibrate labels.csv --rubric "names one team"

What is found is written beside the judge's prompt, to be committed: no judge that was found wanting decides a replay.
Exit code: 0 every judge may gate, 1 one may not, 3 a judgement could not be had.
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback(epilog="Example: promptctl judge calibrate labels.jsonl -p support/triage")
def judge() -> None:
    """Models that judge answers: how well they agree with people."""


@app.command("prompt", epilog="Example: promptctl judge prompt llm-rubric > prompts/_judges/rubric.yaml")
def prompt(
    name: Annotated[str, typer.Argument(help="A type of assertion, such as llm-rubric or pairwise.")] = "",
) -> int:
    """Print a judge prompt that promptctl ships: a start for your own. Without a name: what there is."""
    from promptctl.cli.wiring.calibrating import judge_prompt, judge_prompts

    typer.echo(judge_prompt(name).rstrip("\n") if name else "\n".join(judge_prompts()))
    return 0


@app.command("calibrate", epilog=EXAMPLES)
def calibrate(
    labels: Annotated[
        Path | None, typer.Argument(help="What people said of answers (.jsonl, .csv, .yaml); else those of review.")
    ] = None,
    prompts: Annotated[
        list[str] | None, typer.Option("-p", "--prompt", help="The prompt whose judge is meant (repeatable).")
    ] = None,
    metric: Annotated[str | None, typer.Option("--metric", help="The assertion that is meant, by its metric.")] = None,
    rubric: Annotated[str | None, typer.Option("--rubric", help="What to judge by, where no prompt says so.")] = None,
    type_: Annotated[str, typer.Option("--type", help="The assertion's type, with --rubric.")] = "llm-rubric",
    threshold: Annotated[float | None, typer.Option("--threshold", help="Its threshold, with --rubric.")] = None,
    provider: Annotated[str | None, typer.Option("--provider", help="Another judge's model, with --rubric.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: kept judgements only.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask for every judgement again.")] = False,
    max_cost: Annotated[float | None, typer.Option("--max-cost", min=0, callback=finite, help="In US dollars.")] = None,
    max_calls: Annotated[int | None, typer.Option("--max-calls", min=0, help="Requests, at most.")] = None,
    no_lock: Annotated[bool, typer.Option("--no-lock", help="Do not write what was found beside the judge.")] = False,
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """Hold judges against people's labels: kappa with its interval, and whether they may gate."""
    from promptctl.cli.screen import one_of
    from promptctl.cli.wiring.calibrating import CalibrationRequest, run_calibration

    one_of(format_, ("terminal", "json"))
    request = CalibrationRequest(
        labels=labels,
        prompts=tuple(prompts or ()),
        metric=metric,
        rubric=rubric,
        type=type_,
        threshold=threshold,
        provider=provider,
        offline=offline,
        fresh=fresh,
        max_cost=max_cost,
        max_calls=max_calls,
        lock=not no_lock,
    )
    return run_calibration(request, as_json=format_ == "json")
