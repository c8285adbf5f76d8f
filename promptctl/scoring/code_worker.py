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

ANSWER_LIMIT = 1_000_000  # Bytes of a server's answer.
REASON_LIMIT = 2_000  # Characters of a reason or of an error.
NAMED = 50  # Scores by name.
NAME_LIMIT = 100  # Characters of such a name.


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


def posted(url: str, body: Any) -> Any:
    """What a server says of the output: {"pass": ..., "score": ..., "reason": ...}. No redirect is followed.

    The time is bounded from outside, as that of all code is: a limit of its own would race with that one.
    """
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    request = urllib.request.Request(  # noqa: S310 - http and https alone come here
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.build_opener(Stay).open(request) as response:
        found = json.loads(response.read(ANSWER_LIMIT))
    if not isinstance(found, dict) or not isinstance(found.get("pass"), bool):
        raise TypeError('the server must answer with JSON such as {"pass": true, "score": 1, "reason": "..."}')
    return found


@functools.lru_cache(maxsize=256)
def plugged(entry: str, root: str) -> Callable[..., Any]:
    """The function that an installed distribution brings."""
    import importlib
    from operator import attrgetter

    if root and root not in sys.path:
        sys.path.append(root)
    module, _, name = entry.partition(":")
    found = importlib.import_module(module.strip())
    function: Callable[..., Any] = attrgetter(name.strip())(found)
    return function


def plain(value: Any) -> Any:
    """What the code returned, as JSON: a boolean, a number, or the keys of a grading result that count."""
    if hasattr(value, "item") and callable(value.item):
        value = value.item()  # A scalar of numpy, torch or pandas.
    if isinstance(value, str):
        value = _said(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        return _grading(value)
    kind = "nothing" if value is None else type(value).__name__
    raise TypeError(f"returned {kind}: return a bool, a number, or a dict of pass, score and reason")


def _said(text: str) -> Any:
    """A text that says a verdict, as code for promptfoo may print it: true, false, 0.7, {"pass": true, ...}."""
    word = text.strip().lower()
    if word in {"true", "false"}:
        return word == "true"
    try:
        return json.loads(text) if word.startswith("{") else float(word)
    except ValueError:
        return text


def _number(value: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"returned {number}, which is no score")
    return number


def _grading(value: dict[Any, Any]) -> dict[str, Any]:
    named = _named(value)
    passed = value.get("pass", value.get("pass_"))
    score = value.get("score")
    if passed is None and score is None:
        raise TypeError("returned a dict without 'pass' and 'score'")
    return {
        "pass": None if passed is None else bool(passed),
        "score": None if score is None else _number(score),
        "reason": f"{value.get('reason') or ''}{_spoken(named)}"[:REASON_LIMIT].strip(),
        **({"named": named} if named else {}),
    }


def _named(value: dict[Any, Any]) -> dict[str, float]:
    """Scores by name."""
    named = value.get("namedScores") or value.get("named_scores")
    if not isinstance(named, dict):
        return {}
    return {str(name)[:NAME_LIMIT]: float(_number(score)) for name, score in list(named.items())[:NAMED]}


def _spoken(named: dict[str, float]) -> str:
    """The same as they stand in a reason."""
    return f" ({', '.join(f'{name} {score:g}' for name, score in named.items())})" if named else ""


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
    if request.get("url") is not None:
        return posted(request["url"], {"output": request["output"], "context": context})
    if request.get("plugin") is not None:
        return plugged(request["plugin"], request["root"])(request["output"], context.pop("value", None), context)
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
