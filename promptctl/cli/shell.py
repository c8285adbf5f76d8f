"""Command names -> commands, each imported when it is asked for; errors -> one line and an exit code."""

import importlib
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from promptctl import __version__
from promptctl.errors import PromptctlError

# The help lines stand here so that `promptctl --help` imports no command.
COMMANDS: dict[str, str] = {
    "init": "Set up a repository: settings, a sample prompt with inputs; adopts prompts that are there.",
    "demo": "Make a small repository with an edit that breaks a prompt, and replay it on a real model.",
    "list": "The prompts of this repository.",
    "show": "One prompt, resolved or rendered.",
    "diff": "What changed in the prompts, semantically.",
    "lint": "Static findings: variables, models, secrets, contradictory instructions.",
    "log": "The versions of a prompt: what each changed, and what its replay said.",
    "blame": "Each line of a prompt with the commit that gave it its words.",
    "replay": "What changed in the behaviour: stored inputs through the old and the new version.",
    "review": "Step through changed answers: accept, waive, reject.",
    "report": "A stored run again, in any format.",
    "runs": "Stored runs: list, show, rm.",
    "cache": "Recorded answers: stats, prune, export, import.",
    "judge": "A judge against human labels: calibrate.",
    "install": "git's hooks and git's own diff, with promptctl in them, in this clone.",
    "uninstall": "Take back what install did.",
    "hook": "What the hooks run: what is staged, or what is pushed, within a budget.",
    "doctor": "What is set up and what is missing.",
    "schema": "JSON Schemas of the files, for editors.",
}

EPILOG = "Example: promptctl diff main, then promptctl replay main. Each command has --help with an example."

_said: set[str] = set()  # by this command line so far: an error that was said while reading is not said again


class _Commands(MutableMapping[str, Any]):
    """The registry as the mapping that a Typer group wants: looking a command up imports it."""

    def __init__(self) -> None:
        self._more: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self._more:
            return self._more[name]
        if name not in COMMANDS:
            raise KeyError(name)
        module = importlib.import_module(f"promptctl.cli.{'inventory' if name == 'list' else name}")
        return typer.main.get_command(module.app)

    def __setitem__(self, name: str, command: Any) -> None:
        self._more[name] = command

    def __delitem__(self, name: str) -> None:
        del self._more[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(TyperGroup):
    """The top of the command line."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base class's signature
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the base class's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class RevisionsCommand(TyperCommand):
    """A command whose arguments are revisions, then `--`, then names or paths; `--resume` may stand without a value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        names: list[str] = []
        if "--" in args:
            end = args.index("--")
            args, names = args[:end], args[end + 1 :]
        ctx.meta["promptctl.names"] = names
        return super().parse_args(ctx, _resume_valued(args))


def _resume_valued(args: list[str]) -> list[str]:
    """`--resume` alone means the last run. A run's id begins with its date; nothing else that may follow does."""
    if "--resume" not in args:
        return args
    at = args.index("--resume") + 1
    valued = at < len(args) and (args[at] == "last" or args[at][:8].isdigit())
    return args if valued else [*args[:at], "last", *args[at:]]


def names_after_dashes(ctx: typer.Context) -> list[str]:
    """What stood after `--`."""
    return list(ctx.meta.get("promptctl.names", ()))


def finite(value: float | None) -> float | None:
    """An option's number, neither NaN, which lies within any bounds, nor infinite."""
    if value is not None and value - value != 0:
        raise typer.BadParameter(f"{value} is no amount.")
    return value


def _version(*, value: bool) -> None:
    if value:
        typer.echo(f"promptctl {__version__}")
        raise typer.Exit


def _app() -> Any:
    app = typer.Typer(
        cls=_Group,
        name="promptctl",
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=EPILOG,
    )

    @app.callback()
    def top(  # pyright: ignore[reportUnusedFunction]
        version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
    ) -> None:
        """git diff shows what changed in the prompt; promptctl shows what changed in the behaviour.

        --debug, anywhere on the line, shows the traceback behind an error.
        """

    return typer.main.get_command(app)


def dispatch(args: list[str], *, debug: bool) -> int:
    """Run one command line; what it raises becomes lines on stderr and an exit code."""
    _said.clear()
    try:
        code = _app().main(args=args, prog_name="promptctl", standalone_mode=False)
    except PromptctlError as error:
        return _report(error, debug=debug)
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except OSError as error:
        if error.filename is None:
            raise  # the output's: a reader that has gone, a full disk
        return _surprise(error, debug=debug)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is one line, and --debug shows it
        return _surprise(error, debug=debug)
    return code if isinstance(code, int) else 0


def _report(error: PromptctlError, *, debug: bool) -> int:
    if debug:
        _show_traceback(error)
    for line in error.lines():
        if line not in _said:
            say(line)
    return error.exit_code


def _surprise(error: Exception, *, debug: bool) -> int:
    """A usage error of the command-line parser, or a bug: of the latter the user sees what to send us."""
    if hasattr(error, "format_message"):
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message())
            return 2
        context = getattr(error, "ctx", None)
        path = getattr(context, "command_path", "promptctl")
        say(f"{error.format_message()} Try '{path} --help'.")
        return 2
    if debug:
        _show_traceback(error)
    say(f"internal error: {type(error).__name__}: {error}. Run again with --debug and report what it prints.")
    return 70


def _show_traceback(error: Exception) -> None:
    import traceback

    traceback.print_exception(error)


def say(text: str) -> None:
    """One message to the user, on stderr, with nothing in it that a terminal would act on."""
    from promptctl.reports.safe import printable

    _said.add(text)
    line = " ".join(printable(text).split("\n"))
    print(f"promptctl: {line}", file=sys.stderr)  # noqa: T201 - this is the one place that talks
