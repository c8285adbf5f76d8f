"""One assertion's talk with a model: its questions, what is heard, and in the end its outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from promptctl.models.call import CallFailed
from promptctl.scoring.ask import Ask, AskingScorer, Heard, JudgeError, Said, Turns, Via
from promptctl.scoring.result import Context, Outcome, Skipped


class Talk:
    """`asks` waits for answers, as many as it holds; once it is empty, `found` is the outcome, or what went wrong."""

    def __init__(
        self,
        scorer: AskingScorer | None,
        options: Mapping[str, Any],
        given: tuple[Context, Any, float | None] | None = None,
        *,
        found: Exception | None = None,
    ) -> None:
        self.asks: Sequence[Ask] = ()
        self.found: Outcome | Exception = found or Skipped()
        self._model: str | None = None
        self._via = via_of(options)
        if scorer is not None and given is not None:
            self._turns: Turns[Outcome] = scorer(*given)
            self._go_on(None)

    def hear(self, heard: Sequence[Heard]) -> None:
        """The answers to `asks`, in their order."""
        failed = next((one for one in heard if isinstance(one, CallFailed)), None)
        if failed is not None:
            self._end(JudgeError(f"the judge could not be asked: {failed.reason}"))
            return
        said = [one for one in heard if isinstance(one, Said)]
        self._model = said[-1].model
        self._go_on(said)

    def _go_on(self, said: Sequence[Said] | None) -> None:
        try:
            asks = next(self._turns) if said is None else self._turns.send(said)
        except StopIteration as stop:
            outcome: Outcome = stop.value
            by = f" [{self._model}]" if self._model else ""
            self._end(replace(outcome, reason=outcome.reason + by))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a scorer is its assertion's error
            self._end(error)
        else:
            self.asks = [replace(ask, via=self._via) for ask in asks]

    def _end(self, found: Outcome | Exception) -> None:
        self.asks, self.found = (), found


def via_of(options: Mapping[str, Any]) -> Via:
    """An assertion's `provider` and `rubricPrompt`, checked already."""
    provider, prompt = options.get("provider"), options.get("rubricPrompt")
    given: Mapping[str, Any] = {"model": provider} if isinstance(provider, str) else provider or {}
    return Via(given.get("model"), given.get("params") or {}, tuple(prompt) if isinstance(prompt, list) else prompt)
