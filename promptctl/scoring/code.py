"""`python`, `webhook` and plug-ins' assertions, in a process of their own that has none of the providers' keys.

The process keeps keys out of the environment and time and output in bounds. It is no sandbox: code runs with the user's
rights, which is why the caller decides whose code runs at all.
"""

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from promptctl.inputs.case import MISSING
from promptctl.scoring.result import Context, Outcome, Skipped
from promptctl.scoring.script import Script

if TYPE_CHECKING:
    import subprocess

SECONDS = 10.0  # One scoring, the start of the process included.
PATIENCE = 3  # Time-outs of one piece of code, one after the other, before it is not run again.
ANSWER_LIMIT = 100_000  # Bytes of an answer of the process.

# What a Python program needs to start and to find its temporary folder. No key, token or secret.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "TMP", "TEMP", "TMPDIR")


class CodeError(ValueError):
    """Code that could not be run, or that failed; the text is for the user."""


class CodeRunner:
    """Runs code in one process, started by the first scoring and again after a time-out.

    `sources` maps the path of every file that an assertion names, as it names it, to its text at the right revision.
    """

    def __init__(
        self,
        sources: Mapping[str, str] | None = None,
        *,
        seconds: float = SECONDS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        import threading

        self.sources = sources or {}
        self.seconds = seconds
        self._environment = os.environ if environment is None else environment
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._late: dict[Script, int] = {}
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        worker, self._worker = self._worker, None
        if worker is not None:
            _end(worker)

    def run(self, code: Script, context: Context, told: Mapping[str, Any] | None = None) -> Any:
        """What the code returned: a boolean, a number, or a mapping of `pass`, `score`, `reason`.

        `told` goes into its context. Raises CodeError where it failed, and Skipped where it asked for an expectation
        that the case has not.
        """
        with self._lock:
            if self._late.get(code, 0) >= PATIENCE:
                raise CodeError(f"timed out {PATIENCE} times in a row and is not run again.")
            answer = self._asked(code, self._request(code, context, told or {}))
        if "error" in answer:
            raise CodeError(str(answer["error"]))
        if "skip" in answer:
            raise Skipped
        return answer["value"]

    def _request(self, code: Script, context: Context, told: Mapping[str, Any]) -> dict[str, Any]:
        text = code.text
        if code.path is not None:
            text = self.sources.get(code.path)
            if text is None:
                raise CodeError(f"{code.path} is not there at this revision.")
        case: dict[str, Any] = {"vars": dict(context.vars), **told}
        if context.expected is not MISSING:
            case["expected"] = context.expected
        if context.call is not None:
            case["prompt"] = list(context.call.messages)
        self._number += 1
        return {
            "number": self._number,
            "text": text,
            "path": code.path,
            "function": code.function,
            "output": context.output,
            "context": case,
            "url": code.url,
            "plugin": code.plugin,
            "root": code.root,
            "seconds": self.seconds,
        }

    def _asked(self, code: Script, request: Mapping[str, Any]) -> Mapping[str, Any]:
        import threading

        worker = self._worker = self._worker or self._started()
        late = threading.Event()
        timer = threading.Timer(self.seconds, _stop, (worker, late))
        timer.start()
        try:
            reply = _exchanged(worker, request)
        except BaseException:
            self.close()  # Interrupted half-way: the next answer would be this one's.
            raise
        finally:
            timer.cancel()
        self._late[code] = self._late.get(code, 0) + 1 if late.is_set() else 0
        if reply is None or late.is_set():
            self.close()
        if late.is_set():
            raise CodeError(f"took longer than {self.seconds:g} s and was stopped.")
        if reply is None:
            raise CodeError("ended its process instead of returning.")
        return reply

    def _started(self) -> "subprocess.Popen[bytes]":
        import subprocess

        environment = {name: self._environment[name] for name in ENVIRONMENT if name in self._environment}
        worker = Path(__file__).with_name("code_worker.py")
        return subprocess.Popen(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-I", "-X", "utf8", str(worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # What the code starts ends with it, and ^C reaches promptctl alone.
        )


def _exchanged(worker: "subprocess.Popen[bytes]", request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The process's answer to this request; None where it ended, or said anything else."""
    line = json.dumps(request, default=str).encode()
    try:
        worker.stdin.write(line + b"\n")  # type: ignore[union-attr] # a pipe
        worker.stdin.flush()  # type: ignore[union-attr] # a pipe
        answer = json.loads(worker.stdout.readline(ANSWER_LIMIT))  # type: ignore[union-attr] # a pipe
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) and answer.get("number") == request["number"] else None


def _stop(worker: "subprocess.Popen[bytes]", late: Any) -> None:
    late.set()
    _kill(worker)


def _kill(worker: "subprocess.Popen[bytes]") -> None:
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":  # pragma: no cover
            worker.kill()
        else:
            os.killpg(worker.pid, signal.SIGKILL)


def _end(worker: "subprocess.Popen[bytes]") -> None:
    _kill(worker)
    for pipe in filter(None, (worker.stdin, worker.stdout)):
        with contextlib.suppress(OSError):
            pipe.close()
    worker.wait()


def judged(value: Any, threshold: float | None, *, negated: bool = False) -> Outcome:
    """What the code returned -> an outcome. A number passes at the threshold; without one, above 0.

    Of a `negated` assertion the verdict is turned round; a score that the code gave stays, as in promptfoo.
    """
    if isinstance(value, bool):
        found = value is not negated
        return Outcome(found, float(found), f"returned {value}")
    if isinstance(value, int | float):
        good = value > 0 if threshold is None else value >= threshold
        said = f"returned {value:g}{_limit(threshold)}"
        # A score that says the less the better is not one to compare means of.
        return Outcome(good is not negated, _share(value), said, graded=threshold is None and not negated)
    outcome = _graded(value, threshold)
    return replace(outcome, passed=not outcome.passed, graded=False) if negated else outcome


def _graded(value: Mapping[str, Any], threshold: float | None) -> Outcome:
    passed, score = value["pass"], value["score"]
    bare = passed is None and threshold is None
    if score is None:
        score = float(passed)
    enough = threshold is None or score >= threshold
    good = enough and (bool(passed) if passed is not None else threshold is not None or score > 0)
    said = value["reason"] or f"returned {'pass' if good else 'fail'} with score {score:g}"
    reason = said if enough else f"score {score:g}{_limit(threshold)}: {said}"
    return Outcome(good, _share(score), reason, bare, value.get("named") or {})


def _share(score: float) -> float:
    """Scores lie in 0..1: what a count returns beyond decides, but does not outweigh the other assertions."""
    return min(1.0, max(0.0, float(score)))


def _limit(threshold: float | None) -> str:
    return "" if threshold is None else f", threshold {threshold:g}"
