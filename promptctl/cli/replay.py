"""`promptctl replay`: flags -> a request; a report -> stdout, files and the exit code."""

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli.help_texts import FILES_HELP, FORMATS_HELP
from promptctl.cli.shell import RevisionsCommand, finite, names_after_dashes
from promptctl.errors import Mistakes, UserError
from promptctl.workflows.request import Mode, ReplayRequest

MOST_WORKERS = 64
PLAN_FORMATS = ("terminal", "json")

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl replay                      the working tree against HEAD

  promptctl replay main -- support/*    against main, these prompts alone

  promptctl replay --staged --frozen    in a hook: recorded answers, no network

  promptctl replay main...HEAD --max-cost 0.50 -o report.md

  promptctl replay HEAD HEAD            how noisy is this suite by itself?

Exit codes: 0 passed, 1 regressed, 2 usage, 3 could not find out, 4 inconclusive (where the gate says so),
130 interrupted.
"""


@app.command("replay", cls=RevisionsCommand, epilog=EXAMPLES)
def replay(
    ctx: typer.Context,
    revisions: Annotated[
        list[str] | None,
        typer.Argument(help="As in git: REV, A B, A..B, A...B; then -- NAMES. Default: HEAD and the working tree."),
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", "--cached", help="Compare HEAD with the index.")] = False,
    prompt: Annotated[list[str] | None, typer.Option("-p", "--prompt", help="A name or glob; repeatable.")] = None,
    inputs: Annotated[str | None, typer.Option("--inputs", help="Take inputs from this file or revision.")] = None,
    only: Annotated[list[str] | None, typer.Option("--input", help="Only the input with this id; repeatable.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Only inputs with this tag; repeatable.")] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="So many inputs of each prompt, every tag in its share.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws another sample.")] = 0,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out inputs with mistakes, and say which.")
    ] = False,
    repeat: Annotated[
        int | None, typer.Option("--repeat", min=1, max=1000, help="First samples a side and a case.")
    ] = None,
    aa: Annotated[bool, typer.Option("--aa", help="Ask equal requests on both sides too: the suite's noise.")] = False,
    model: Annotated[str | None, typer.Option("--model", help="Ask this model on both sides.")] = None,
    concurrency: Annotated[int | None, typer.Option("--concurrency", min=1, max=1000, help="Calls in flight.")] = None,
    workers: Annotated[
        str,
        typer.Option("--workers", metavar="N|auto", help="Processes that ask; auto: as many as the calls are worth."),
    ] = "auto",
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", min=0, callback=finite, help="Never spend more, in USD.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option("--max-calls", min=0, help="Never send more requests.")] = None,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", min=0.001, callback=finite, help="Seconds after which nothing more is sent."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", min=0.001, callback=finite, help="Seconds for one attempt.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option("--retries", min=0, max=100, help="Attempts after a transient error.")
    ] = None,
    fallbacks: Annotated[
        bool, typer.Option("--fallbacks", help="Ask a prompt's fallbacks where its model cannot answer.")
    ] = False,
    no_confirm: Annotated[
        bool,
        typer.Option("--no-confirm", help="Do not ask suspects again; the stated false-alarm rate is then lost."),
    ] = False,
    early_stop: Annotated[
        bool,
        typer.Option("--early-stop", help="In random order, and no more inputs than show a regression."),
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Cache and recordings only.")] = False,
    frozen: Annotated[bool, typer.Option("--frozen", help="Recordings only.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Write NAME.recordings.jsonl beside each prompt.")] = False,
    audit: Annotated[
        str | None,
        typer.Option("--audit", metavar="SHARE", help="Ask so many recorded answers again, and compare: 5%."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again, whatever is known.")] = False,
    ask_all: Annotated[bool, typer.Option("--all", help="Ask even where the request is unchanged.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Calls and cost; nothing is asked.")] = False,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="[RUN]", help="Go on with an interrupted run; default: the last one."),
    ] = None,
    settings: Annotated[str | None, typer.Option("--settings", help="Read the settings at this revision.")] = None,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Run the new side's python assertions.")] = False,
    format_: Annotated[str, typer.Option("--format", help=FORMATS_HELP)] = "terminal",
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="Write a report here too: " + FILES_HELP),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")] = False,
) -> int:
    """Replay stored inputs through the old and the new version, and say whether the behaviour got worse."""
    from promptctl.cli import wiring
    from promptctl.cli.output import Outputs

    mistakes = Mistakes()
    with mistakes.noted():
        if early_stop and no_confirm:
            said = "--early-stop stops on fresh answers, and --no-confirm asks for none: leave one of them out."
            raise UserError(said)
    with mistakes.noted():
        if model is not None and not model.strip():
            raise UserError("--model: the name is missing.", hint="As in openai/gpt-5-mini.")
    with mistakes.noted():
        if dry_run and (format_ not in PLAN_FORMATS or output):
            raise UserError("--dry-run makes no report: it prints its plan, as text or with --format json.")
    with mistakes.noted():
        outputs = Outputs.of(format_, output or ())
    with mistakes.noted():
        mode = _mode(offline=offline, frozen=frozen, fresh=fresh)
    with mistakes.noted():
        processes = _workers(workers)
    with mistakes.noted():
        share = None if audit is None else _share(audit)
    mistakes.finish()
    wiring.refuse_what_is_read(output or ())
    request = ReplayRequest(
        revisions=tuple(revisions or ()),
        staged=staged,
        select=(*(prompt or ()), *names_after_dashes(ctx)),
        inputs=inputs,
        only=tuple(only or ()),
        tags=tuple(tag or ()),
        sample=sample,
        seed=seed,
        skip_invalid=skip_invalid,
        model=model,
        settings_revision=settings,
        repeat=repeat,
        max_cost=max_cost,
        max_calls=max_calls,
        time_limit=time_limit,
        concurrency=concurrency,
        workers=processes,
        timeout=timeout,
        retries=retries,
        aa=aa,
        ask_all=ask_all,
        fresh=fresh,
        record=record,
        audit=share,
        dry_run=dry_run,
        early_stop=early_stop,
        fallbacks=fallbacks,
        confirm=not no_confirm,
        allow_code=allow_code,
        mode=mode,
    )
    return wiring.run_replay(request, outputs, resume=resume, quiet=quiet)


def _share(text: str) -> float:
    from promptctl.workflows.audit import share_of

    return share_of(text)


def _workers(text: str) -> int | None:
    """A number of processes; None for `auto`."""
    if text == "auto":
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise UserError(f"--workers {text}: a number from 1 to {MOST_WORKERS}, or auto.")
    return int(text)


def _mode(*, offline: bool, frozen: bool, fresh: bool) -> Mode:
    if fresh and (offline or frozen):
        raise UserError("--fresh asks again; it cannot go with --offline or --frozen, which ask nobody.")
    if frozen:
        return Mode.FROZEN
    return Mode.OFFLINE if offline else Mode.NORMAL
