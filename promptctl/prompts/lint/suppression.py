"""`promptctl: ignore[CODE]` in a comment: which findings it takes away, and which comments take none."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from promptctl.documents import printable, suggestion
from promptctl.prompts.lint.finding import Finding, Place
from promptctl.prompts.lint.registry import RULES

_COMMENT = re.compile(
    r"(?P<open>#|//|<!--|\{#-?|\{\{!(?:--)?)[ \t]*promptctl:[ \t]*ignore(?:\[(?P<codes>[^\]\n]*)\])?(?P<rest>[^\n]*)"
)
_NEVER = frozenset({"PL001", "PL002"})  # a file that cannot be read has no comments; nothing suppresses this rule


@dataclass(slots=True)
class Suppression:
    """One code in one comment. It holds for its line; where it stands alone, for the file and its stored inputs."""

    path: str
    line: int
    column: int
    code: str
    alone: bool
    problem: str = ""
    used: bool = field(default=False, compare=False)

    def covers(self, finding: Finding) -> bool:
        """Whether it takes a finding of this file's prompts away."""
        if self.problem or finding.code != self.code:
            return False
        return self.alone or (finding.place.path == self.path and finding.place.line == self.line)


def suppressions(path: str, text: str, sent: Sequence[str] = ()) -> list[Suppression]:
    """The suppressions in a file. `sent` are the texts that the model gets: a `#` in them is no comment."""
    if "promptctl:" not in text:
        return []
    return [one for number, line in enumerate(text.split("\n"), 1) for one in _in_line(path, number, line, sent)]


def _in_line(path: str, number: int, line: str, sent: Sequence[str]) -> Iterator[Suppression]:
    for found in _COMMENT.finditer(line):
        alone = not line[: found.start()].strip() and not _after(found["rest"])
        column = found.start() + 1
        problem = ""
        if found["open"] in {"#", "//"} and any(found[0].strip() in text for text in sent):
            problem = "stands in the prompt's text, where it is no comment: write {# promptctl: ignore[...] #}"
        if found["codes"] is None:
            yield Suppression(path, number, column, "", alone, problem or "names no rule: write ignore[PL101]")
            continue
        for code in filter(None, (code.strip() for code in found["codes"].split(","))):
            known = code.upper() in RULES and code.upper() not in _NEVER
            unknown = "" if known else f"names '{printable(code)}', which is no rule that can be ignored"
            yield Suppression(path, number, column, code.upper(), alone, problem or unknown)


def _after(rest: str) -> str:
    """What stands behind the comment in its line."""
    for close in ("-->", "#}", "}}"):
        if close in rest:
            return rest.partition(close)[2].strip()
    return ""


def kept(findings: Iterable[Finding], comments: Iterable[Suppression]) -> Iterator[Finding]:
    """The findings that no comment of their prompt's files takes away; each comment that takes one is marked used."""
    known = list(comments)
    for finding in findings:
        covering = [] if finding.code in _NEVER else [one for one in known if one.covers(finding)]
        for one in covering:
            one.used = True
        if not covering:
            yield finding


def useless(comments: Iterable[Suppression], judged: frozenset[str]) -> Iterator[Finding]:
    """Comments without effect; those for rules that were not looked at (`judged` are) say nothing."""
    for one in comments:
        place = Place(one.path, one.line, one.column)
        if one.problem:
            near = suggestion(one.code, RULES)
            hint = (
                near
                if one.code not in RULES and near.startswith("Did")
                else "Mend or remove it; the rules: docs/lint.md."
            )
            yield Finding("PL002", place, f"this suppression {one.problem}.", hint)
        elif not one.used and one.code in judged:
            yield Finding("PL002", place, f"nothing here is found by {one.code}.", "Remove the comment.")
