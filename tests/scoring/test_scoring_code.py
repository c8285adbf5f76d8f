import os
import re
import time

import pytest

from promptctl.models.call import Reply
from promptctl.scoring.code import CodeError, CodeRunner
from promptctl.scoring.code import judged as outcome
from promptctl.scoring.result import Context
from promptctl.scoring.script import Script, has_code, python_files, script

SECRETS = {"OPENAI_API_KEY": "sk-secret", "GITHUB_TOKEN": "t", "PYTHONPATH": "/nowhere", **os.environ}


def ran(runner: CodeRunner, text: str, output: str = "hello", **case):
    return runner.run(Script(text), Context(Reply(output), case.pop("vars", {}), **case))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("len(output) > 3", True),
        ("  len(output)\n", 5.0),
        ("(\n  1 +\n  1\n)", 2.0),
        ("x = len(output)\nreturn x / 10", 0.5),
        (
            "if output == 'hello':\n    return {'pass': False, 'reason': 'no'}\nreturn True",
            {"pass": False, "score": None, "reason": "no"},
        ),
        ("{'pass_': True, 'score': 0.5, 'extra': print}", {"pass": True, "score": 0.5, "reason": ""}),
        ("json.loads('[true]')[0]", True),
        ("[word for word in [output] if word in output] == ['hello']", True),
        ("context['vars']['n'] == 7 and context['expected'] == 'x'", True),
        ("context.get('expected') == 'x'", True),
    ],
)
def test_code_is_an_expression_or_a_body(code, text, value):
    assert value == ran(code, text, vars={"n": 7}, expected="x")


def test_a_scalar_of_another_library_counts(code):
    text = "class Scalar:\n    def item(self):\n        return 0.5\nreturn Scalar()"

    assert ran(code, text) == 0.5


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("'yes'", "TypeError: returned str: return a bool, a number, or a dict of pass, score and reason"),
        ("x = 1\ny = 2", "TypeError: returned nothing: return a bool, a number, or a dict of pass, score and reason"),
        ("float('nan')", "ValueError: returned nan, which is no score"),
        ("{'reason': 'x'}", "TypeError: returned a dict without 'pass' and 'score'"),
        ("context['vras']", "KeyError: 'vras'"),
        ("exit(3)", "NameError: name 'exit' is not defined"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt: "),
        ("import os\nos._exit(0)", "ended its process instead of returning."),
        ("'x' * 10**7 + 1", 'TypeError: can only concatenate str (not "int") to str'),
        ("raise ValueError('x' * 10**6)", "ValueError: " + "x" * 1988),
    ],
)
def test_the_codes_mistakes_are_errors_and_the_next_one_runs(code, text, error):
    if error.startswith("NameError"):
        text = "import builtins\ndel builtins.exit\nreturn exit(3)"
    with pytest.raises(CodeError) as caught:
        ran(code, text)

    assert error == str(caught.value)
    assert ran(code, "True") is True


def test_what_code_prints_does_not_disturb(code):
    noisy = "import os, sys\nprint('x' * 100000)\nsys.stderr.write('y')\nos.write(1, b'{}\\n')\nos.system('echo z')\nreturn True"

    assert [ran(code, noisy), ran(code, noisy)] == [True, True]


def test_code_reads_an_empty_input(code):
    assert ran(code, "import sys\nreturn sys.stdin.read() == ''") is True


def test_the_environment_holds_no_keys():
    with CodeRunner(environment=SECRETS) as runner:
        names = ran(runner, "import os\nreturn {'pass': True, 'reason': ' '.join(sorted(os.environ))}")[
            "reason"
        ].split()
        isolated = ran(runner, "import sys\nreturn sys.flags.isolated == 1 and '/nowhere' not in sys.path")

    assert set(names) <= {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "TMP", "TEMP", "TMPDIR"}
    assert "PATH" in names
    assert isolated is True


def test_one_process_serves_many():
    with CodeRunner() as runner:
        first = ran(runner, "import os\nreturn os.getpid()")
        again = ran(runner, "import os\nreturn os.getpid()")

    assert first == again
    with pytest.raises(ProcessLookupError):
        os.kill(int(first), 0)


def test_code_that_does_not_end_is_stopped_and_given_up():
    with CodeRunner(seconds=0.3) as runner:
        for _ in range(3):
            with pytest.raises(CodeError, match=re.escape("took longer than 0.3 s and was stopped.")):
                ran(runner, "while True: pass\nreturn 1")
        began = time.monotonic()
        with pytest.raises(CodeError, match="timed out 3 times in a row and is not run again"):
            ran(runner, "while True: pass\nreturn 1")

        assert time.monotonic() - began < 0.1

        assert ran(runner, "True") is True


def test_an_answer_without_end_is_no_answer():
    with CodeRunner() as runner, pytest.raises(CodeError, match="ended its process"):
        ran(
            runner,
            "import os\nfor fd in range(3, 20):\n    try: os.write(fd, b'x' * 200000)\n    except OSError: pass\nreturn 1",
        )


def test_an_answer_to_another_question_is_no_answer():
    text = """
import os
for descriptor in range(3, 20):
    try:
        os.write(descriptor, b'{"value": true, "number": 9}\\n')
    except OSError:
        pass
return False"""
    with CodeRunner() as runner:
        with pytest.raises(CodeError, match="ended its process"):
            ran(runner, text)
        assert ran(runner, "True") is True


def test_an_interruption_ends_the_process(monkeypatch):
    with CodeRunner() as runner:
        ran(runner, "True")

        def interrupted(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("promptctl.scoring.code._exchanged", interrupted)
            with pytest.raises(KeyboardInterrupt):
                ran(runner, "True")
        assert runner._worker is None
        assert ran(runner, "True") is True


def test_huge_answers_reach_the_code(code):
    assert ran(code, "len(output)", output="\ud800é" * 5_000_000) == 10_000_000


FILE = """
from dataclasses import dataclass
calls = []

def get_assert(output, context):
    calls.append(output)
    return len(calls)

def strict(output, context):
    return {"pass": output == context["expected"], "score": 0.25, "reason": "strict"}
"""


def test_code_may_stand_in_a_file():
    context = Context(Reply("a"), {}, "a")
    with CodeRunner({"checks/a.py": FILE, "broken.py": "x ="}) as runner:
        assert [runner.run(Script(path="checks/a.py"), context) for _ in range(2)] == [1.0, 2.0]
        assert runner.run(Script(path="checks/a.py", function="strict"), context)["reason"] == "strict"
        with pytest.raises(CodeError, match=re.escape("LookupError: checks/a.py defines no function 'none'")):
            runner.run(Script(path="checks/a.py", function="none"), context)
        with pytest.raises(CodeError, match="SyntaxError"):
            runner.run(Script(path="broken.py"), context)
        with pytest.raises(CodeError, match=re.escape("gone.py is not there at this revision.")):
            runner.run(Script(path="gone.py"), context)


def test_code_that_needs_an_expectation_says_nothing_without_one(scored):
    specs = [
        {"type": "python", "value": "output == context['expected']"},
        {"type": "python", "value": "file://a.py:strict"},
    ]
    with CodeRunner({"a.py": FILE}) as runner:
        assert scored(specs, "a", code=runner).passed is None
        assert [result.passed for result in scored(specs, "a", expected="a", code=runner).assertions] == [True, True]


@pytest.mark.parametrize(
    ("value", "threshold", "passed", "score", "reason"),
    [
        (True, None, True, 1.0, "returned True"),
        (False, 0.0, False, 0.0, "returned False"),
        (0.2, None, True, 0.2, "returned 0.2"),
        (0.0, None, False, 0.0, "returned 0"),
        (0.2, 0.5, False, 0.2, "returned 0.2, threshold 0.5"),
        (120, None, True, 1.0, "returned 120"),
        (-3, None, False, 0.0, "returned -3"),
        ({"pass": True, "score": None, "reason": "fine"}, None, True, 1.0, "fine"),
        ({"pass": False, "score": 0.9, "reason": ""}, None, False, 0.9, "returned fail with score 0.9"),
        ({"pass": True, "score": 0.3, "reason": "ok"}, 0.5, False, 0.3, "score 0.3, threshold 0.5: ok"),
        ({"pass": True, "score": 0.6, "reason": "ok"}, 0.5, True, 0.6, "ok"),
        ({"pass": None, "score": 0.6, "reason": "ok"}, 0.5, True, 0.6, "ok"),
        ({"pass": None, "score": 0.0, "reason": ""}, None, False, 0.0, "returned fail with score 0"),
    ],
)
def test_what_code_returns_is_judged(value, threshold, passed, score, reason):
    found = outcome(value, threshold)

    assert (passed, score, reason) == (found.passed, found.score, found.reason)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("len(output)", Script("len(output)")),
        ("file://a.py", Script(path="a.py")),
        ("file://../checks/a.py:strict", Script(path="../checks/a.py", function="strict")),
        (r"re.search('\d', output) is None", Script(r"re.search('\d', output) is None")),
    ],
)
def test_a_script_is_code_or_names_a_file(value, found):
    assert found == script(value)


def test_a_script_names_itself():
    assert [str(Script(path="a.py", function="strict")), str(Script("True"))] == ["a.py:strict", "'True'"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "must be Python code"),
        (3, "must be Python code"),
        ("file://a.js", "must be file://path.py or file://path.py:function."),
        ("file://a.py:not a name", "must be file://path.py or file://path.py:function."),
        ("output == '{{ expected }}'", "a template is not filled into code"),
        ("1 +" * 50_000, "longer than 100,000 characters"),
        ("x = 1\n  y = 2", "the code is no Python: unexpected indent (line 2)."),
        ("a\0b", "the code is no Python: "),
        ("(" * 5_000, "the code is no Python: "),
    ],
)
def test_what_is_no_script_is_refused(value, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        script(value)


SPECS = [
    {"type": "equals", "value": "a"},
    "nonsense",
    {"type": ["python"]},
    {
        "type": "assert-set",
        "assert": [{"type": "not-python", "value": "file://a.py:f"}, {"type": "python", "value": "True"}],
    },
    {"type": "assert-set", "assert": "nonsense"},
]


def test_code_is_found_in_raw_assertions():
    assert has_code(SPECS)
    assert not has_code(SPECS[:3])
    assert frozenset({"a.py"}) == python_files(SPECS)
