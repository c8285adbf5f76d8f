"""What the user types: one entry, commands imported on demand."""

import gc
import os
import sys
from collections.abc import Sequence

from promptctl import __version__


def main() -> None:
    """The console script."""
    # A short process: the collector's passes over what was just imported take a tenth of the start-up.
    gc.set_threshold(100_000, 20, 20)
    _open_what_is_closed()
    sys.exit(run(sys.argv[1:]))


def _open_what_is_closed() -> None:
    """A stream that the caller closed (`>&-`) leads nowhere; else the next file that is opened, a store, were it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: that of the stream
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8", closefd=False))


def run(args: Sequence[str]) -> int:
    """One command line -> its exit code. Errors end here, as one line each on stderr."""
    try:
        code = _run(args)
        sys.stdout.flush()  # else it fails at exit, where nobody can say why
    except BrokenPipeError:
        # The reader (`| head`) has seen enough.
        _drop_stdout()
        return 141
    except OSError as error:
        _drop_stdout()
        if isinstance(error, FileNotFoundError):  # no output fails so
            print("promptctl: the current folder is gone. Go to one that exists.", file=sys.stderr)  # noqa: T201
            return 2
        print(f"promptctl: the output cannot be written: {error.strerror or error}.", file=sys.stderr)  # noqa: T201
        return 3
    return code


def _drop_stdout() -> None:
    """What is still buffered goes nowhere: Python would complain once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: Sequence[str]) -> int:
    if list(args) == ["--version"]:
        print(f"promptctl {__version__}")  # noqa: T201 - answered before anything is imported
        return 0
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    debug, rest = _debug(list(args))
    if rest[:1] == ["hook"]:
        from promptctl.cli.staged import nothing_to_do  # before anything heavy: most commits touch no prompt

        if nothing_to_do(rest[1:]):
            return 0

    from promptctl.cli.shell import dispatch  # 50 ms: typer

    return dispatch(rest, debug=debug)


def _debug(args: list[str]) -> tuple[bool, list[str]]:
    """Take `--debug` out, wherever it stands before `--`."""
    end = args.index("--") if "--" in args else len(args)
    before = [arg for arg in args[:end] if arg != "--debug"]
    return len(before) < end or bool(os.environ.get("PROMPTCTL_DEBUG")), before + args[end:]
