"""What people decide of a run's cases, and what each decision does: accept, reject, waive, note, label, undo."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Any

from promptctl.documents import printable
from promptctl.errors import InvalidReview, NothingSelected, Problem, UserError
from promptctl.inputs.case import MISSING
from promptctl.inputs.editing import Edited, expectation, replaced, with_expected
from promptctl.inputs.files import find_case
from promptctl.reports.findings import each_of_status
from promptctl.reports.review import Item
from promptctl.reports.view import CaseView, PromptView, ReplayReport
from promptctl.snapshot import Snapshot
from promptctl.store import ReviewRow, Store
from promptctl.verdict.waiver_file import PATH as WAIVERS
from promptctl.verdict.waiver_file import line_problem
from promptctl.verdict.waivers import Acceptance, Waiver, answer_digest
from promptctl.workflows.review_entries import acceptance_from, label_line, plain, waiver_from
from promptctl.workflows.review_files import LABELS, ReviewFiles

ORDER = ("regressed", "fail", "unscored", "flaky", "improved", "pass")  # what broke is decided first
NOTE_LIMIT = 2_000  # characters
SETTLING = ("accept", "reject", "waive")
_DONE = {"accept": "accepted", "reject": "rejected", "waive": "waived"}


@dataclass(frozen=True, slots=True)
class Who:
    """Who decides, and when: `now` gives the time."""

    name: str
    now: Callable[[], datetime]

    @property
    def today(self) -> date:
        """The day, in UTC."""
        return self.now().astimezone(UTC).date()


@dataclass(slots=True)
class _Decided:
    """What is known of one case's decisions."""

    rows: list[ReviewRow] = field(default_factory=list)

    def last(self, *kinds: str) -> ReviewRow | None:
        return next((row for row in reversed(self.rows) if row.decision in kinds), None)


class Review:
    """The decisions on one run. Nothing is written but by a decision, and each is kept before the next."""

    def __init__(
        self,
        report: ReplayReport,
        store: Store,
        files: ReviewFiles,
        snapshot: Snapshot,
        who: Who,
        *,
        inputs_from: str | None = None,
    ) -> None:
        self._report = report
        self._store = store
        self._files = files
        self._snapshot = snapshot
        self.who = who
        self._inputs_from = inputs_from
        self._decided: dict[tuple[str, str], _Decided] = {}
        for row in store.reviews(report.run):
            self._noted(row)

    @property
    def run(self) -> str:
        """The run's id."""
        return self._report.run

    # Looking

    def items(self, prompts: Sequence[str] = ()) -> Iterator[Item]:
        """Every case that asks for a decision, or has one: what regressed first, then other answers that changed."""
        chosen = self._chosen(prompts)
        for status in ORDER:
            for prompt in chosen:
                for case in each_of_status(prompt, status):
                    if status == "regressed" or case.changed or (prompt.prompt, case.id) in self._decided:
                        yield self.item(prompt.prompt, case)

    def item(self, prompt: str, case: CaseView) -> Item:
        """A case with what was decided of it."""
        decided = self._of(prompt, case.id)
        settled, label = decided.last(*SETTLING), decided.last("label")
        notes = tuple(str(row.document.get("text", "")) for row in decided.rows if row.decision == "note")
        document: Mapping[str, Any] = {} if settled is None else settled.document
        return Item(
            prompt=prompt,
            case=case,
            decision=None if settled is None else _DONE[settled.decision],
            by=document.get("by"),
            at=document.get("at"),
            label=None if label is None else str(label.document.get("label")),
            notes=notes,
        )

    def find(self, ids: Sequence[str], prompts: Sequence[str] = ()) -> dict[str, tuple[str, CaseView]]:
        """The cases of these ids, by id. Raises InvalidReview for ids that are none, or are several prompts'."""
        wanted = dict.fromkeys(ids)
        found: dict[str, list[tuple[str, CaseView]]] = {}
        for prompt in self._chosen(prompts):
            for case in prompt.cases:
                if case.id in wanted:
                    found.setdefault(case.id, []).append((prompt.prompt, case))
        unknown = [repr(case) for case in wanted if case not in found]
        problems = [
            f"{case!r} is a case of {' and of '.join(name for name, _ in several)}: say which with -p."
            for case, several in found.items()
            if len(several) > 1
        ]
        if unknown:
            hint = f"`promptctl review {self.run} --list` shows them."
            problems.insert(0, f"run {self.run} has no case {', '.join(unknown)}. {hint}")
        _refuse(problems)
        return {case: found[case][0] for case in wanted}

    def _chosen(self, prompts: Sequence[str]) -> list[PromptView]:
        """The run's prompts of these names and globs; all where none is given. Raises NothingSelected."""
        every = self._report.prompts
        absent = [name for name in prompts if not any(_means(name, prompt.prompt) for prompt in every)]
        if absent:
            names = ", ".join(prompt.prompt for prompt in every[:20])
            raise NothingSelected(
                f"run {self.run} has no prompt {', '.join(map(repr, absent))}.",
                hint=f"It has: {names}." if names else "",
            )
        return [prompt for prompt in every if not prompts or any(_means(name, prompt.prompt) for name in prompts)]

    # Deciding

    def accept(self, cases: Sequence[tuple[str, CaseView]]) -> list[str]:
        """The new answers are right -> what was done. Raises InvalidReview, before anything is written."""
        self._checked(cases, self._check_accept)
        return [self._accept(prompt, case) for prompt, case in cases]

    def reject(self, cases: Sequence[tuple[str, CaseView]]) -> list[str]:
        """The new answers are wrong: kept, and nothing else changes."""
        self._checked(cases, self._check_open)
        return [self._settle("reject", prompt, case, {}, "rejected: it counts on") for prompt, case in cases]

    def waive(self, cases: Sequence[tuple[str, CaseView]], reason: str, owner: str, expires: date) -> list[str]:
        """The regressions are known, and `owner` answers for them up to that day."""
        today = self.who.today
        for name, text in (("--reason", reason), ("--owner", owner)):
            if problem := line_problem(text):
                raise UserError(f"{name} {problem}")
        if expires < today:
            raise UserError(f"--expires {expires} is past: a waiver that has expired counts as none.")
        self._checked(cases, self._check_waive)
        self._files.waivers()
        return [self._waive(prompt, case, reason.strip(), owner.strip(), expires) for prompt, case in cases]

    def note(self, prompt: str, case: CaseView, text: str) -> list[str]:
        """Words about a case."""
        if not text.strip() or len(text) > NOTE_LIMIT:
            raise UserError(f"a note has 1 to {NOTE_LIMIT:,} characters.")
        self._keep("note", prompt, case.id, {"text": text.strip()})
        return [f"{case.id} of {prompt}: noted"]

    def label(self, prompt: str, case: CaseView, label: str) -> list[str]:
        """What a person says of the new answer, for `judge calibrate`."""
        if label not in {"pass", "fail"}:
            raise UserError(f"a label is pass or fail, not {label!r}.")
        if case.new is None or case.new.output is None:
            raise UserError(f"{case.id} of {prompt} has no new answer to label.")
        notes = self.item(prompt, case).notes
        said = {"by": self.who.name, "at": self._stamp(), "note": notes[-1] if notes else None}
        line = label_line(self.run, prompt, case, label, said)
        self._files.append_label(line)
        self._keep("label", prompt, case.id, {"label": label, "line": line})
        return [f"{case.id} of {prompt}: labelled {label} in {LABELS}"]

    def undo(self, cases: Sequence[tuple[str, CaseView]]) -> list[str]:
        """Take the last decision on each case back, in the files too."""
        _refuse(
            [
                f"{case.id} of {prompt}: nothing was decided{self._elsewhere(prompt, case.id)}"
                for prompt, case in cases
                if not self._rows(prompt, case)
            ]
        )
        return [self._undo(self._rows(prompt, case)[-1]) for prompt, case in cases]

    def undo_last(self) -> list[str]:
        """Take back what was decided last in this run."""
        rows = [row for decided in self._decided.values() for row in decided.rows]
        if not rows:
            raise NothingSelected(f"nothing was decided on run {self.run}{self._elsewhere()}")
        return [self._undo(max(rows, key=lambda row: row.number or 0))]

    # Accepting

    def _check_open(self, prompt: str, case: CaseView, *, but: str = "") -> None:
        """What is written in files is taken back before it is decided otherwise."""
        settled = self._of(prompt, case.id).last(*SETTLING)
        if settled is not None and settled.decision not in {"reject", but}:
            raise UserError(
                f"{case.id} of {prompt} is {_DONE[settled.decision]} already.", hint="--undo takes that back."
            )

    def _check_waive(self, prompt: str, case: CaseView) -> None:
        self._check_open(prompt, case, but="waive")
        _check_name(prompt)

    def _check_accept(self, prompt: str, case: CaseView) -> None:
        self._check_open(prompt, case)
        if case.new is None or case.new.output is None:
            raise UserError(f"{case.id} of {prompt} has no new answer to accept.")
        edit = self._edit(prompt, case)
        if edit is None:
            _check_name(prompt)
            self._files.waivers()

    def _edit(self, prompt: str, case: CaseView) -> tuple[str, Edited] | None:
        """What accepting would write into the inputs; None where the case has no `expected`."""
        answer = "" if case.new is None else case.new.output or ""
        if case.expected is MISSING:
            return None
        if self._inputs_from is not None:
            raise UserError(
                f"run {self.run} took its inputs from {self._inputs_from}: accepting writes into a prompt's own.",
                hint="Replay without --inputs.",
            )
        found = self._snapshot.inputs(prompt)
        if found is None:
            raise UserError(f"{prompt} has no stored inputs any more.")
        path, data = found
        stored, _, _ = find_case(path, data, case.id)
        if stored.vars != case.vars or stored.expected != case.expected:
            raise UserError(
                f"{path}: the input '{case.id}' is not what run {self.run} replayed.",
                hint="Replay again, then review that run.",
            )
        return path, with_expected(path, data, case.id, expectation(stored, answer))

    def _accept(self, prompt: str, case: CaseView) -> str:
        edit = self._edit(prompt, case)
        if edit is None:
            return self._accept_answer(prompt, case)
        path, edited = edit
        self._files.write(path, edited.data)
        undo = {"path": path, "before": edited.before, "after": edited.after}
        return self._settle("accept", prompt, case, undo, f"accepted: expected is {edited.after.strip()} in {path}")

    def _accept_answer(self, prompt: str, case: CaseView) -> str:
        answer = "" if case.new is None else case.new.output or ""
        accepted = Acceptance(prompt, case.id, answer_digest(answer), self.who.name, self.who.today)
        waivers = self._files.waivers()
        before = waivers.acceptance(accepted.case)
        written = self._files.write_waivers(waivers.with_acceptance(accepted.case, accepted))
        undo = {"file": dict(written), "accepted": None if before is None else plain(before), "now": plain(accepted)}
        return self._settle("accept", prompt, case, undo, f"accepted as answered, in {WAIVERS}")

    def _waive(self, prompt: str, case: CaseView, reason: str, owner: str, expires: date) -> str:
        waiver = Waiver(prompt, case.id, reason, owner, expires, self.who.today)
        waivers = self._files.waivers()
        before = waivers.waived(waiver.case)
        written = self._files.write_waivers(waivers.with_waiver(waiver.case, waiver))
        undo = {"file": dict(written), "waiver": None if before is None else plain(before), "now": plain(waiver)}
        return self._settle("waive", prompt, case, undo, f"waived until {expires} by {owner}, in {WAIVERS}")

    # Taking back

    def _elsewhere(self, *case: str) -> str:
        """A replay makes a new run; what was decided before belongs to the one that showed it."""
        run = self._store.last_reviewed((case[0], case[1]) if case else None)
        if run is None:
            return "."
        ids = f" {shlex.quote(case[1])}" if case else ""
        return f"; the last decision was on run {run}. Take it back there: promptctl review {run} --undo{ids}"

    def _undo(self, row: ReviewRow) -> str:
        where = f"{row.case} of {row.prompt}"
        done = row.document
        if row.decision == "label" and not self._files.remove_label(done["line"]):
            raise UserError(f"{where}: its label is not in {LABELS} any more.", hint="Nothing was undone.")
        if row.decision == "accept" and "path" in done:
            self._unaccept(row, done["path"])
        elif row.decision in {"accept", "waive"} and not self._files.restore(done["file"]):
            self._unwaive(row)
        if row.number is not None:
            self._store.remove_review(row.number)
        self._of(row.prompt, row.case).rows.remove(row)
        return f"{where}: {'decision' if row.decision in SETTLING else row.decision} taken back ({row.decision})"

    def _unaccept(self, row: ReviewRow, path: str) -> None:
        data = self._files.read(path)
        undone = None
        if data is not None:
            undone = replaced(path, data, row.case, row.document["after"], row.document["before"])
        if undone is None:
            raise UserError(f"{path}: expected of '{row.case}' was changed since.", hint="Nothing was undone.")
        self._files.write(path, undone)

    def _unwaive(self, row: ReviewRow) -> None:
        """The file has changed since: this case's entry alone goes back, unless it is what has changed."""
        case, done, waivers = (row.prompt, row.case), row.document, self._files.waivers()
        if row.decision == "waive":
            same = waivers.waived(case) == waiver_from(done["now"])
            waivers = waivers.with_waiver(case, waiver_from(done["waiver"]))
        else:
            same = waivers.acceptance(case) == acceptance_from(done["now"])
            waivers = waivers.with_acceptance(case, acceptance_from(done["accepted"]))
        if not same:
            raise UserError(f"{WAIVERS}: what it says of '{row.case}' was changed since.", hint="Nothing was undone.")
        self._files.write_waivers(waivers)

    # Keeping

    def _checked(self, cases: Sequence[tuple[str, CaseView]], check: Callable[[str, CaseView], None]) -> None:
        problems: list[str] = []
        for prompt, case in cases:
            try:
                check(prompt, case)
            except UserError as error:
                problems += error.lines()
        _refuse(problems)

    def _settle(self, kind: str, prompt: str, case: CaseView, more: Mapping[str, Any], said: str) -> str:
        self._keep(kind, prompt, case.id, more)
        return f"{case.id} of {prompt}: {said}"

    def _keep(self, kind: str, prompt: str, case: str, more: Mapping[str, Any]) -> None:
        document = {"by": self.who.name, "at": self._stamp(), **more}
        row = ReviewRow(self.run, prompt, case, kind, document)
        self._noted(replace(row, number=self._store.add_review(row)))

    def _stamp(self) -> str:
        return self.who.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _of(self, prompt: str, case: str) -> _Decided:
        return self._decided.get((prompt, case)) or _Decided()

    def _noted(self, row: ReviewRow) -> None:
        self._decided.setdefault((row.prompt, row.case), _Decided()).rows.append(row)

    def _rows(self, prompt: str, case: CaseView) -> list[ReviewRow]:
        return self._of(prompt, case.id).rows


def _means(name: str, prompt: str) -> bool:
    """Whether a name or a glob means this prompt: brackets may belong to a name."""
    return prompt == name or fnmatchcase(prompt, name)


def _check_name(prompt: str) -> None:
    """A file name may hold what a line of the waivers cannot."""
    if problem := line_problem(prompt):
        raise UserError(
            f"{printable(prompt)}: {WAIVERS} cannot name this prompt: a name {problem}", hint="Rename its file."
        )


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise InvalidReview([Problem("", problem) for problem in dict.fromkeys(problems)])
