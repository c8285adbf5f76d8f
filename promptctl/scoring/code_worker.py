"""The process in which `python` assertions run: one JSON request a line in, one JSON answer a line out.

It is started by its path with `python -I`, so it imports nothing of promptctl. What the code prints goes nowhere: the
answers travel over a descriptor of their own.
"""

import contextlib
import faulthandler
import functools
import io
import json
import math
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

REASON_LIMIT = 2_000  # Characters of a reason or of an error.


class NoExpectation(KeyError):
    """The code asked for `context["expected"]` of a case that has none."""


class ContextMapping(dict[str, Any]):
    """The `context` of an assertion; it tells a missing expectation from any other missing key."""

    def __missing__(self, key: str) -> Any:
        if key == "expected":
            raise NoExpectation(key)
        raise KeyError(key)


@functools.lru_cache(maxsize=256)
def inline(text: str) -> Callable[[Any, Any], Any]:
    """One expression, or the lines of a function's body, as a function of `output` and `context`."""
    namespace: dict[str, Any] = {"json": json, "__name__": "assertion"}
    try:
        expression = compile(text.strip(), "<assertion>", "eval")
    except SyntaxError:
        body = "\n".join(f" {line}" for line in text.splitlines())
        exec(compile(f"def get_assert(output, context):\n{body}\n", "<assertion>", "exec"), namespace)  # noqa: S102 - this process exists to run it
        function: Callable[[Any, Any], Any] = namespace["get_assert"]
        return function
    return lambda output, context: eval(expression, {**namespace, "output": output, "context": context})  # noqa: S307 - see above


def loaded(path: str, source: str) -> dict[str, Any]:
    """The names that a file defines."""
    namespace: dict[str, Any] = {"__name__": "assertion", "__file__": path}
    exec(compile(source, path, "exec"), namespace)  # noqa: S102 - this process exists to run it
    return namespace


def plain(value: Any) -> Any:
    """What the code returned, as JSON: a boolean, a number, or the keys of a grading result that count."""
    if hasattr(value, "item") and callable(value.item):
        value = value.item()  # A scalar of numpy, torch or pandas.
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        return _grading(value)
    kind = "nothing" if value is None else type(value).__name__
    raise TypeError(f"returned {kind}: return a bool, a number, or a dict of pass, score and reason")


def _number(value: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"returned {number}, which is no score")
    return number


def _grading(value: dict[Any, Any]) -> dict[str, Any]:
    passed = value.get("pass", value.get("pass_"))
    score = value.get("score")
    if passed is None and score is None:
        raise TypeError("returned a dict without 'pass' and 'score'")
    return {
        "pass": None if passed is None else bool(passed),
        "score": None if score is None else _number(score),
        "reason": str(value.get("reason") or "")[:REASON_LIMIT],
    }


def answer(request: dict[str, Any], files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The answer to one request; the code's mistakes are part of it."""
    try:
        return {"value": plain(_called(request, files))}
    except NoExpectation:
        return {"skip": True}
    except BaseException as error:  # noqa: BLE001 - also SystemExit: the code must not end its process
        return {"error": f"{type(error).__name__}: {error}"[:REASON_LIMIT]}


def _called(request: dict[str, Any], files: dict[str, dict[str, Any]]) -> Any:
    context = ContextMapping(request["context"])
    path = request["path"]
    if path is None:
        return inline(request["text"])(request["output"], context)
    if path not in files:
        files[path] = loaded(path, request["text"])
    function = files[path].get(request["function"])
    if function is None:
        raise LookupError(f"{path} defines no function '{request['function']}'")
    return function(request["output"], context)


def serve(requests: io.TextIOBase, answers: io.TextIOBase) -> None:
    """Answer until the requests end."""
    files: dict[str, dict[str, Any]] = {}
    for line in requests:
        request = json.loads(line)
        # Should promptctl be killed meanwhile, nobody else stops an endless loop.
        faulthandler.dump_traceback_later(request["seconds"] + 5, exit=True)
        found = answer(request, files)
        faulthandler.cancel_dump_traceback_later()
        answers.write(json.dumps({**found, "number": request["number"]}) + "\n")
        answers.flush()


def main() -> None:  # pragma: no cover - it runs in a process that is given no variable of the coverage tool
    """Keep the pipes to ourselves and leave the code empty ones."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    warnings.simplefilter("ignore")
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        serve(requests, answers)
    os._exit(0)  # Threads that the code left behind must not keep the process.


if __name__ == "__main__":
    main()
