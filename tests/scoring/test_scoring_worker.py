"""The process's own functions, called here: the real process, with its pipes, is in test_scoring_code.py."""

import io
import json

import pytest

from promptctl.scoring.code_worker import answer, inline, loaded, plain, serve


def request(**keys):
    return {"path": None, "function": "get_assert", "text": "True", "output": "a", "context": {"vars": {}}, **keys}


def test_requests_are_answered_one_a_line():
    requests = [request(number=1, seconds=1), request(number=2, seconds=1, text="1 / 0")]
    answers = io.StringIO()

    serve(io.StringIO("".join(json.dumps(one) + "\n" for one in requests)), answers)

    assert [json.loads(line) for line in answers.getvalue().splitlines()] == [
        {"value": True, "number": 1},
        {"error": "ZeroDivisionError: division by zero", "number": 2},
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"text": "len(output) == 1"}, {"value": True}),
        ({"text": "x = 2\nreturn x"}, {"value": 2.0}),
        ({"text": "context['expected'] == 'a'"}, {"skip": True}),
        ({"text": "context.get('expected') is None"}, {"value": True}),
        ({"text": "context['expectde']"}, {"error": "KeyError: 'expectde'"}),
        ({"text": "import sys\nsys.exit(1)"}, {"error": "SystemExit: 1"}),
        ({"text": "def get_assert(output, context):\n return 1", "path": "a.py"}, {"value": 1.0}),
        ({"text": "", "path": "a.py"}, {"error": "LookupError: a.py defines no function 'get_assert'"}),
    ],
)
def test_the_codes_mistakes_are_answers(keys, expected):
    assert answer(request(**keys), {}) == expected


def test_a_file_is_run_once():
    files = {}
    text = "n = []\ndef get_assert(output, context):\n n.append(1)\n return len(n)"

    assert [answer(request(text=text, path="a.py"), files)["value"] for _ in range(2)] == [1.0, 2.0]


def test_an_expression_keeps_nothing():
    function = inline("[x for x in [output] if (y := x)] == ['a']")

    assert function("a", {})
    assert not function("b", {})


def test_a_file_is_not_run_as_the_main_program():
    assert loaded("a.py", "name = __name__")["name"] == "assertion"


class Scalar:
    def item(self):
        return 0.25


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (3, 3.0),
        (Scalar(), 0.25),
        ({"pass": 1, "score": True, "reason": None}, {"pass": True, "score": 1.0, "reason": ""}),
        ({"pass_": 0, "reason": "x" * 3_000}, {"pass": False, "score": None, "reason": "x" * 2_000}),
        ({"score": 2}, {"pass": None, "score": 2.0, "reason": ""}),
    ],
)
def test_what_code_returns_becomes_json(value, expected):
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "nothing"),
        ("x", "str"),
        ([], "list"),
        ({}, "without"),
        (float("inf"), "inf"),
        ({"score": "x"}, "convert"),
    ],
)
def test_what_is_no_verdict_is_refused(value, error):
    with pytest.raises((TypeError, ValueError), match=error):
        plain(value)
