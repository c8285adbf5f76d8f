"""The prompts of a snapshot -> what is wrong with them, without asking a model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from promptctl.documents import decode, printable, shown
from promptctl.errors import (
    FileError,
    InvalidInputs,
    InvalidPrompt,
    InvalidSettings,
    Problem,
    PromptctlError,
    UserError,
)
from promptctl.prompts.lint import RULES, Facts, Finding, Severity, codes_of, lint
from promptctl.prompts.lint.finding import Place
from promptctl.prompts.lint.secrets import Secret, secrets
from promptctl.prompts.lint.suppression import Suppression, kept, suppressions, useless
from promptctl.prompts.prompt import Prompt
from promptctl.reports.lint_view import LintReport
from promptctl.settings import FILE, Settings
from promptctl.snapshot import Snapshot, settings_text
from promptctl.snapshot.patterns import means
from promptctl.workflows.lint_cases import input_facts
from promptctl.workflows.lint_facts import Models, asserted, uses_code, which_need_expected


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rules are looked at: codes or the beginnings of codes (`PL4`). Empty `select` is all of them."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the rules that are looked at."""
        return frozenset(code for code in RULES if self._takes(code))

    def _takes(self, code: str) -> bool:
        chosen = not self.select or code.startswith(self.select)
        heavy = self.severity is None or RULES[code].severity.weight >= self.severity.weight
        return chosen and heavy and not (self.ignore and code.startswith(self.ignore))


def lint_report(
    snapshot: Snapshot, names: Sequence[str], choice: Choice, today: date, environ: Mapping[str, str]
) -> LintReport:
    """The findings of these prompts. One that cannot be read is a finding of its own, and the others are looked at."""
    linter = _Linter(snapshot, choice.codes, Models(snapshot.settings, today, environ), today)
    for name in names:
        linter.look_at(name)
    return linter.report(names, choice.severity)


class _Linter:
    """What several prompts share is read once: partials, settings, files with several prompts, models."""

    def __init__(self, snapshot: Snapshot, codes: frozenset[str], models: Models, today: date) -> None:
        self.snapshot = snapshot
        self.codes = codes
        self.today = today
        self.models = models
        self.settings = _settings_text(snapshot)
        self.comments: dict[str, list[Suppression]] = {}
        self.found: dict[tuple[object, ...], Finding] = {}
        self.unreadable: dict[str, tuple[str, ...]] = {}
        self.suppressed = 0
        self.ignored = _ignored(snapshot.settings)
        self._scanned: dict[str, tuple[Secret, ...]] = {}

    def look_at(self, name: str) -> None:
        """All findings of one prompt, those left out that a comment suppresses."""
        try:
            prompt = self.snapshot.prompt(name)
        except InvalidPrompt as error:
            self.unreadable[name] = error.lines()
            path = self.snapshot.files[name].path
            for one in error.problems:
                place = Place(one.where if "/" in one.where or one.where == path else path, one.line)
                self._keep([replace(Finding("PL001", place, one.message, one.hint), prompt=name)])
            return
        files = self._files(name, prompt)
        found = [replace(one, prompt=name) for one in self._findings(name, prompt, files)]
        comments = [one for path, text in files.items() for one in self._comments(path, text, prompt)]
        self._keep(self._unsuppressed(found, comments))

    def report(self, names: Sequence[str], severity: Severity | None) -> LintReport:
        """What was found, by file and line; last the comments that had no effect."""
        judged = self._judged(set(names))
        self._keep(useless((one for path in judged for one in self.comments[path]), self.codes))
        return LintReport(
            findings=tuple(sorted(self.found.values(), key=Finding.order)),
            prompts=len(names),
            unreadable=self.unreadable,
            suppressed=self.suppressed,
            failing=severity or Severity.WARNING,
        )

    def _judged(self, names: set[str]) -> list[str]:
        """The files whose comments can be told to be useless: all prompts that they hold for were looked at."""
        left = {file.path for name, file in self.snapshot.files.items() if name not in names or name in self.unreadable}
        own = {
            path for file in self.snapshot.files.values() for path in (file.path, *(one.path for one in file.beside))
        }
        return [path for path in self.comments if path not in left and (path in own or not left)]

    def _findings(self, name: str, prompt: Prompt, files: Mapping[str, str]) -> Iterator[Finding]:
        facts = Facts(
            today=self.today,
            files=files,
            root=self.snapshot.files[name].root,
            settings_path=FILE,
            settings=self.settings,
            models=self.models.of(prompt),
            asserted=asserted(prompt.assertions),
            needs_expected=which_need_expected(prompt.assertions),
            code=uses_code(prompt.assertions),
        )
        yield from _assertion_problems(prompt, files)
        try:
            inputs = self.snapshot.inputs(name)
            if inputs is not None:
                known = input_facts(prompt, *inputs)
                facts = replace(facts, inputs=known.facts, code=facts.code or known.code)
                yield from known.findings
                yield from self._secrets("PL302", inputs[0], _text(inputs[1]))
        except InvalidInputs as error:
            path = self._inputs_path(name, prompt)
            for one in error.problems:
                yield Finding("PL105", Place(one.where or path, one.line), one.message, one.hint)
        yield from (one for one in lint(prompt, facts) if one.code in self.codes)
        yield from self._prompt_secrets(prompt, files)

    def _prompt_secrets(self, prompt: Prompt, files: Mapping[str, str]) -> Iterator[Finding]:
        for path, text in files.items():
            yield from self._secrets("PL301", path, text)
        root = self.snapshot.files[prompt.name].root
        for path, text in prompt.partials.items():
            yield from self._secrets("PL301", f"{root}/{path}" if root else path, text)

    def _secrets(self, code: str, path: str, text: str) -> Iterator[Finding]:
        if code not in self.codes:
            return
        if path not in self._scanned:
            self._scanned[path] = tuple(secrets(text))
        for one in self._scanned[path]:
            what = f"this looks like a secret ({one.kind}); it is sent to the provider, and kept in git for good."
            yield Finding(code, Place(path, one.line, one.column), what, "Revoke it, and take it out.")

    def _inputs_path(self, name: str, prompt: Prompt) -> str:
        file = self.snapshot.files[name]
        return file.inputs.path if file.inputs is not None else prompt.path

    def _files(self, name: str, prompt: Prompt) -> dict[str, str]:
        file = self.snapshot.files[name]
        found: dict[str, str] = {}
        for path in (file.path, *(entry.path for entry in file.beside)):
            try:
                found[path] = decode(self.snapshot.read(path), path)
            except (FileError, UserError):
                continue
        return found or {prompt.path: ""}

    def _comments(self, path: str, text: str, prompt: Prompt) -> list[Suppression]:
        if path not in self.comments:
            sent = [one.content for one in prompt.messages if isinstance(one.content, str)]
            self.comments[path] = suppressions(path, text, sent)
        return self.comments[path]

    def _unsuppressed(self, found: Sequence[Finding], own: Sequence[Suppression]) -> Iterator[Finding]:
        for finding in found:
            if finding.code not in self.codes:
                continue
            path = finding.place.path
            there = own if path in self.comments else [*own, *self._elsewhere(path)]
            left = list(kept([finding], there))
            self.suppressed += not left
            yield from left

    def _elsewhere(self, path: str) -> list[Suppression]:
        """The comments of a partial, or of the settings, in which something was found; inputs have none."""
        if path == FILE:
            text = self.settings
        else:
            try:
                text = "" if ".inputs." in path else decode(self.snapshot.read(path), path)
            except PromptctlError:
                text = ""
        self.comments[path] = suppressions(path, text)
        return self.comments[path]

    def _keep(self, findings: Iterable[Finding]) -> None:
        for one in findings:
            if one.code not in self.codes:
                continue
            if self._is_ignored(one):
                self.suppressed += 1
                continue
            safe = _without_secret(one)
            self.found.setdefault((one.code, one.place, safe.message), safe)

    def _is_ignored(self, finding: Finding) -> bool:
        """Whether the settings ignore it in its file, or in that of its prompt, whose inputs and partials follow."""
        file = self.snapshot.files.get(finding.prompt)
        paths = {finding.place.path, finding.place.path if file is None else file.path}
        return finding.code != "PL001" and any(
            finding.code.startswith(codes) and any(means(glob, path) for path in paths)
            for glob, codes in self.ignored.items()
        )


def _ignored(settings: Settings) -> dict[str, tuple[str, ...]]:
    """`lint.ignore` with the codes of its rules. Raises InvalidSettings for what is no rule."""
    found, problems = {}, []
    for glob, words in settings.lint.ignore.items():
        codes, unknown = codes_of(words)
        place = f"'lint.ignore.{printable(glob)}' names"
        problems += [
            Problem(FILE, f"{place} {shown(word)}, which is no rule.", hint=hint) for word, hint in unknown.items()
        ]
        if codes:
            found[glob] = codes
    if problems:
        raise InvalidSettings(problems)
    return found


def _without_secret(finding: Finding) -> Finding:
    """A finding may quote the prompt, and the prompt may hold a secret: then it quotes nothing."""
    if not any(True for _ in secrets(f"{finding.message}\n{finding.hint}")):
        return finding
    return replace(finding, message=f"{finding.rule.summary} (Not quoted: it holds a secret.)", hint="")


def _assertion_problems(prompt: Prompt, files: Mapping[str, str]) -> Iterator[Finding]:
    if not prompt.assertions:
        return
    from promptctl.prompts.lint.places import Places
    from promptctl.scoring.registry import assertion_problems

    found = assertion_problems(prompt.assertions, prompt.path)
    where = (Places(prompt, files).key("assert") if found else None) or Place(prompt.path, 1)
    yield from (Finding("PL502", where, one.message, one.hint) for one in found)


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace")


def _settings_text(snapshot: Snapshot) -> str:
    try:
        return settings_text(snapshot.repo, snapshot.source) or ""
    except PromptctlError:
        return ""
