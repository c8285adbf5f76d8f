"""The cases of a run on their way into the store, and out of it again: memory holds a few hundred."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from promptctl.models.call import Origin, Reply
from promptctl.models.fallbacks import answered_call
from promptctl.reports.document import case_document, case_from
from promptctl.reports.view import CaseView
from promptctl.store import CaseRow, Store
from promptctl.workflows.plan import Side

BATCH = 200  # cases that are written together
SUSPECT = "suspect"  # stands in a row until fresh answers have decided; no report shows it


@dataclass(frozen=True, slots=True)
class RunCases:
    """The cases of one prompt in a run, read from the store each time."""

    store: Store
    run: str
    prompt: str

    def __iter__(self) -> Iterator[CaseView]:
        return (case_from(row.document) for row in self.store.cases(self.run, self.prompt))

    def of_status(self, status: str) -> Iterator[CaseView]:
        """Those of one status alone."""
        return (case_from(row.document) for row in self.store.cases(self.run, self.prompt, status=status))


class Details:
    """What a run shows of its cases, written as they are done."""

    def __init__(self, store: Store, run: str) -> None:
        self._store = store
        self._run = run
        self._rows: list[CaseRow] = []

    def add(self, prompt: str, place: int, view: CaseView, old: Side | None, new: Side) -> None:
        """Keep a case; its answers are named, where the store holds them."""
        document = case_document(view)
        names = None if old is None else _answer_name(old), _answer_name(new)
        self._rows.append(CaseRow(prompt, place, view.id, view.status, document, *names))
        if len(self._rows) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        self._store.add_cases(self._run, self._rows)
        self._rows = []

    def settle(self, prompt: str, settled: Callable[[int, CaseView], CaseView]) -> None:
        """Give the suspects of a prompt their statuses: `settled` takes a case's place and what is shown so far."""
        self.flush()
        rows: list[CaseRow] = []
        for row in self._store.cases(self._run, prompt, status=SUSPECT):
            view = settled(row.place, case_from(row.document))
            rows.append(replace(row, status=view.status, document=case_document(view)))
            if len(rows) >= BATCH:
                self._store.replace_cases(self._run, rows)
                rows = []
        self._store.replace_cases(self._run, rows)

    def cases(self, prompt: str) -> RunCases:
        """What was kept of a prompt's cases."""
        return RunCases(self._store, self._run, prompt)


def _answer_name(side: Side) -> tuple[str, float] | None:
    """Which answer of the store is shown; None where its text has to stay with the case."""
    for k, answer in zip(side.numbers, side.answers, strict=True):
        if isinstance(answer, Reply):
            asked = answered_call(side.sample(k), answer)
            apart = answer.origin is Origin.RECORDING or answer.said != answer.text
            return None if apart else (asked.fingerprint, answer.created)
    return None
