"""Stepping through the cases of a review: which case is shown, what a key does, what is being asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from promptctl.errors import PromptctlError

if TYPE_CHECKING:
    from promptctl.reports.review import Item
    from promptctl.reports.view import CaseView
    from promptctl.workflows.review import Review


@dataclass(slots=True)
class Form:
    """Questions that are asked one after the other, each with what stands in the line at first."""

    questions: Sequence[tuple[str, str]]
    done: Callable[[Sequence[str]], object]
    answers: list[str] = field(default_factory=list)

    @property
    def question(self) -> str:
        """The one that is asked now."""
        return self.questions[len(self.answers)][0]

    @property
    def default(self) -> str:
        """What stands in its line at first."""
        return self.questions[len(self.answers)][1]


class Steps:
    """The state of an interactive review. `say` is the last message; `form` what is asked, if anything is."""

    def __init__(self, review: "Review", items: "Sequence[Item]", expires: date) -> None:
        self.items = list(items)
        self.at = 0
        self.scroll = 0
        self.said = ""
        self.form: Form | None = None
        self._review = review
        self._expires = expires
        self._done: list[int] = []  # where decisions of this session were made, in order

    @property
    def item(self) -> "Item":
        """The case that is shown."""
        return self.items[self.at]

    @property
    def pending(self) -> int:
        """How many of the cases nobody decided."""
        return sum(item.pending for item in self.items)

    def move(self, by: int) -> None:
        """To another case."""
        to = self.at + by
        if not 0 <= to < len(self.items):
            self.said = "this is the last case: q ends the review." if by > 0 else "this is the first case."
            return
        self.at, self.scroll, self.said = to, 0, ""

    def accept(self) -> None:
        """The new answer is right."""
        self._decide(lambda: self._review.accept([self._case]))

    def reject(self) -> None:
        """The new answer is wrong."""
        self._decide(lambda: self._review.reject([self._case]))

    def waive(self) -> None:
        """Ask for what a waiver needs, then waive."""
        owner = self._review.who.name
        questions = [("reason", ""), ("owner", owner), ("expires", self._expires.isoformat())]
        self.form = Form(questions, self._waived)

    def note(self) -> None:
        """Ask for a note."""
        self.form = Form([("note", "")], lambda answers: self._mark(lambda: self._review.note(*self._case, answers[0])))

    def label(self, label: str) -> None:
        """Say of the new answer that it passes or fails."""
        self._mark(lambda: self._review.label(*self._case, label))

    def undo(self) -> None:
        """Take back what was decided last in this session, and go there; else what was decided on this case."""
        if self._done:
            self.at, self.scroll = self._done[-1], 0
        if self._tried(lambda: self._review.undo([self._case])) and self._done:
            self._done.pop()

    def answered(self, text: str) -> None:
        """A question of the form has its answer."""
        if self.form is None:
            return
        self.form.answers.append(text)
        if len(self.form.answers) == len(self.form.questions):
            form, self.form = self.form, None
            form.done(form.answers)

    def cancelled(self) -> None:
        """The form is given up."""
        self.form, self.said = None, "given up: nothing was decided."

    def _waived(self, answers: Sequence[str]) -> None:
        from promptctl.verdict.waiver_file import day_of

        reason, owner, expires = answers
        day = day_of(expires.strip())
        if day is None:
            self.said = f"{expires!r} is no date: as 2026-12-24. Nothing was decided."
            return
        self._decide(lambda: self._review.waive([self._case], reason, owner, day))

    @property
    def _case(self) -> tuple[str, "CaseView"]:
        return self.item.prompt, self.item.case

    def _decide(self, decide: Callable[[], list[str]]) -> None:
        """A decision that settles the case: on to the next one."""
        if self._mark(decide):
            said = self.said
            if self.at + 1 < len(self.items):
                self.move(1)
            self.said = said

    def _mark(self, decide: Callable[[], list[str]]) -> bool:
        done = self._tried(decide)
        if done:
            self._done.append(self.at)
        return done

    def _tried(self, decide: Callable[[], list[str]]) -> bool:
        try:
            self.said = " ".join(decide())
        except PromptctlError as error:
            self.said = " ".join(error.lines())
            return False
        self.items[self.at] = self._review.item(*self._case)
        return True
