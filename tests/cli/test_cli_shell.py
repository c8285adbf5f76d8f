"""The shell around the commands: usage errors, surprises, versions, help."""

import pytest
import typer

from promptctl import __version__
from promptctl.cli import run
from promptctl.cli.shell import COMMANDS, dispatch, say
from promptctl.errors import InvalidPrompt, Problem


def test_version_both_ways(capsys):
    codes = [run(["--version"]), run(["--debug", "--version"])]

    assert [0, 0] == codes
    assert [f"promptctl {__version__}"] * 2 == capsys.readouterr().out.splitlines()


def test_help_lists_every_command_with_its_line(capsys):
    code = run(["--help"])

    out = capsys.readouterr().out
    assert 0 == code
    assert all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_an_example(name, capsys):
    code = run([name, "--help"])

    out = capsys.readouterr().out
    assert 0 == code
    assert f"promptctl {name}" in out
    assert "xample" in out


@pytest.mark.parametrize("name", ["list", "show", "report", "stats"])
def test_each_subcommand_has_help_with_an_example(name, capsys):
    group = {"list": "runs", "show": "runs", "report": "report", "stats": "cache"}[name]
    code = run([group, *([name] if name != group else []), "--help"])

    assert 0 == code
    assert "xample" in capsys.readouterr().out


def test_no_arguments_is_help(capsys):
    code = run([])

    assert 2 == code
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["relpay"], "replay"),
        (["replay", "--frobnicate"], "--frobnicate"),
        (["replay", "--repeat", "none"], "--repeat"),
        (["replay", "--repeat", "0"], "--repeat"),
        (["show"], "name"),
        (["replay", "--format", "pdf"], "pdf"),
        (["replay", "-o", "nowhere/report.md"], "nowhere"),
        (["replay", "-o", "report.pdf"], "report.pdf"),
        (["replay", "--fresh", "--frozen"], "--fresh"),
    ],
)
def test_usage_errors_are_one_line(args, words, capsys):
    code = run(args)

    said = capsys.readouterr()
    assert (2, "") == (code, said.out)
    assert 1 == len(said.err.splitlines())
    assert words in said.err


def _app_that_raises(error: BaseException):
    app = typer.Typer(add_completion=False)

    @app.command()
    def fail() -> None:
        raise error

    return typer.main.get_command(app)


@pytest.fixture
def raising(monkeypatch):
    def install(error: BaseException) -> None:
        monkeypatch.setattr("promptctl.cli.shell._app", lambda: _app_that_raises(error))

    return install


def test_every_mistake_of_a_file_is_a_line(raising, capsys):
    raising(InvalidPrompt([Problem("a.yaml", "one", 1), Problem("a.yaml", "two", 2, "Fix it.")]))

    code = dispatch([], debug=False)

    assert 2 == code
    assert [
        "promptctl: a.yaml: line 1: one",
        "promptctl: a.yaml: line 2: two Fix it.",
    ] == capsys.readouterr().err.splitlines()


def test_a_bug_is_one_line_and_debug_shows_it(raising, capsys):
    raising(ZeroDivisionError("division by zero"))

    code = dispatch([], debug=False)

    assert 70 == code
    assert 1 == len(capsys.readouterr().err.splitlines())
    assert 70 == dispatch([], debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_debug_shows_where_a_mistake_was_found_and_keeps_its_exit_code(raising, capsys):
    raising(InvalidPrompt(Problem("a.yaml", "one")))

    code = dispatch([], debug=True)

    err = capsys.readouterr().err
    assert 2 == code
    assert "Traceback" in err
    assert "promptctl: a.yaml: one" == err.splitlines()[-1]


def test_the_same_mistake_is_said_once(raising, capsys):
    raising(InvalidPrompt([Problem("a.yaml", "one"), Problem("a.yaml", "one")]))

    dispatch([], debug=False)

    assert ["promptctl: a.yaml: one"] == capsys.readouterr().err.splitlines()


def test_an_interrupt_is_130(raising, capsys):
    raising(KeyboardInterrupt())

    assert 130 == dispatch([], debug=False)


def test_what_is_said_cannot_act_on_the_terminal(capsys):
    say("a\x1b[2Jb\nc\u202e")

    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert "\u202e" not in err
    assert 1 == len(err.splitlines())
