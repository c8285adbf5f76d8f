"""An answer and its case's assertions -> a score, by judges where need be, with code only where it may run."""

import hashlib
import json
import posixpath
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

from promptctl.errors import InvalidInputs, InvalidPrompt, Problem, PromptctlError, UserError
from promptctl.models.call import Answer, Call, Reply
from promptctl.prompts.prompt import Prompt
from promptctl.scoring.assertion import Assertion
from promptctl.scoring.code import CodeError, CodeRunner
from promptctl.scoring.combine import flat, is_asking, score, scoring
from promptctl.scoring.files import Files
from promptctl.scoring.registry import assertion_problems, parse_all
from promptctl.scoring.result import Context, Score
from promptctl.scoring.script import Script, has_code, python_files
from promptctl.scoring.talk import via_of
from promptctl.scoring.text import Unusable
from promptctl.snapshot import Snapshot
from promptctl.verdict.agreement import Standing
from promptctl.workflows.bench import Bench
from promptctl.workflows.conversations import Conversations
from promptctl.workflows.plan import CaseRun, PromptRun


class OldCode(CodeRunner):
    """Runs the old side's code alone: what the new side brought or changed is refused."""

    def __init__(self, sources: Mapping[str, str], known: frozenset[Script]) -> None:
        super().__init__(sources)
        self.known = known

    def run(self, code: Script, context: Context, told: Mapping[str, Any] | None = None) -> Any:
        """As CodeRunner.run; CodeError for code that the old side has not."""
        if code not in self.known:
            raise CodeError("the old side has no such code, and the new side's runs only with --allow-code.")
        return super().run(code, context, told)


class Scoring:
    """The scorers of one replay. `allow_new` is --allow-code, `allow_old` is `allow_code: true` in the settings.

    `bench` holds the judges. What they have to be asked lies in `follow`; `answered` takes what comes back.
    """

    def __init__(self, bench: Bench, *, allow_new: bool, allow_old: bool) -> None:
        self.bench = bench
        self.allow_new = allow_new
        self.allow_old = allow_old
        self._runners: dict[str, CodeRunner] = {}
        self.models: set[str] = set()  # those that will be asked to judge
        self._said: dict[str, dict[str, None]] = {}  # of the judges, by prompt: each once
        self._conversations = Conversations()
        self._plugins = CodeRunner()  # no process until one is asked
        self.beside: Callable[[str, str], str | None] | None = None  # the text of a file, from a prompt's

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for runner in (self._plugins, *self._runners.values()):
            runner.close()

    @property
    def follow(self) -> deque[Call]:
        """The calls that scorings under way wait for and nobody has taken yet."""
        return self._conversations.calls

    def answered(self, call: Call, answer: Answer) -> None:
        """Tell the scorings under way what came back; one that has all it needs says its score."""
        self._conversations.answered(call, answer)

    def begin(self, prompt: PromptRun, run: CaseRun, context: Context, done: Callable[[Score], None]) -> None:
        """Score one answer: `done` is told at once, or when its judges have spoken."""
        code = self._runners.get(prompt.pair.name)
        if not is_asking(run.assertions):
            done(score(run.assertions, context, code=code, plugins=self._plugins, threshold=run.case.threshold))
            return
        asking = replace(context, question=_question(run))
        folder = posixpath.dirname(prompt.new.path)
        asked = partial(self.bench.asked, values=run.case.vars, folder=folder, of=context.call)
        keep = partial(_keep, prompt)
        threshold = run.case.threshold
        scorer = scoring(run.assertions, asking, code=code, plugins=self._plugins, threshold=threshold)
        self._conversations.begin(scorer, asked, keep, done)

    def assertions(self, prompt: Prompt) -> tuple[Assertion, ...]:
        """A prompt's own assertions. Raises InvalidPrompt with all their mistakes."""
        if not prompt.assertions:
            return ()
        found = parse_all(prompt.assertions, prompt.path, files=self._files(prompt))
        if problems := self._judge_problems(prompt, found, prompt.path):
            raise InvalidPrompt(problems)
        return self._weighed(prompt, found)

    def case_assertions(self, prompt: Prompt, specs: Sequence[Mapping[str, Any]], where: str) -> tuple[Assertion, ...]:
        """The own assertions of one of a prompt's cases, already checked with its file."""
        if not specs:
            return ()
        found = parse_all(specs, where, error=InvalidInputs, files=self._files(prompt))
        if problems := self._judge_problems(prompt, found, where):
            raise InvalidInputs(problems)
        return self._weighed(prompt, found)

    def _weighed(self, prompt: Prompt, assertions: Sequence[Assertion]) -> tuple[Assertion, ...]:
        """The assertions, those of judges that may not gate made advisory; what must be said of them is noted."""
        return tuple(self._weighed_one(prompt, one) for one in assertions)

    def _weighed_one(self, prompt: Prompt, assertion: Assertion) -> Assertion:
        if assertion.members:
            return replace(assertion, members=self._weighed(prompt, assertion.members))
        if isinstance(assertion.value, Unusable):
            self._said.setdefault(prompt.name, {})[f"{assertion.type}: {assertion.value} It errs on every answer."] = (
                None
            )
        name = judge_name(assertion)
        if name is None or not assertion.weight:
            return assertion
        judge = self.bench.judge(name, via_of(assertion.options), posixpath.dirname(prompt.path))
        found = self.bench.calibration(judge)
        who = f"{assertion.type} is judged by {judge.model}"
        if found is None:
            note = f"{who}, which gates without having been calibrated: promptctl judge calibrate."
        elif found.standing is not Standing.GATES:
            kappa = "no kappa" if found.kappa is None else f"kappa {found.kappa:.2f}, at least {found.ci[0]:.2f}"
            note = f"{who}, which may not gate ({kappa}, on {found.labels} labels): its judgements decide nothing."
        elif criterion_digest(assertion) not in found.criteria:
            note = f"{who}, which was calibrated on other criteria than this one."
        else:
            return assertion
        self._said.setdefault(prompt.name, {})[note] = None
        return replace(assertion, advisory=found is not None and found.standing is not Standing.GATES)

    def case_problems(self, prompt: Prompt, specs: Sequence[Mapping[str, Any]], where: str) -> Iterable[Problem]:
        """What is wrong with the own assertions of one of a prompt's cases."""
        problems = assertion_problems(specs, where, files=self._files(prompt), keeps_unusable=True)
        if problems or not specs:
            return problems
        found = parse_all(specs, where, files=self._files(prompt))
        problems = self._judge_problems(prompt, found, where)
        if not problems:
            self._weighed(prompt, found)  # what must be said of the judges is noted before anybody is asked
        return problems

    def _files(self, prompt: Prompt) -> Files | None:
        return None if self.beside is None else partial(self.beside, prompt.path)

    def _judge_problems(self, prompt: Prompt, assertions: Sequence[Assertion], where: str) -> list[Problem]:
        """What stands in the way of asking the judges, said before anybody is asked."""
        problems: dict[str, Problem] = {}
        for assertion in flat(assertions):
            for problem in self._mistakes(prompt, assertion, where) if assertion.kind.asks is not None else ():
                problems[str(problem)] = problem
        return list(problems.values())

    def _mistakes(self, prompt: Prompt, assertion: Assertion, where: str) -> Iterable[Problem]:
        name, via = assertion.type.removeprefix("not-"), via_of(assertion.options)
        try:
            if name.startswith("similar") or name == "answer-relevance":
                self.models.add(self.bench.embedding_model(name, via))
            if name == "moderation":
                self.models.add(self.bench.moderation_model(via))
            if judge_name(assertion) is not None:
                judge = self.bench.judge(name, via, posixpath.dirname(prompt.path))
                self.bench.calibration(judge)
                self.models.add(judge.model)
        except InvalidPrompt as error:
            return error.problems
        except UserError as error:
            return (Problem(where, error.message, hint=error.hint),)
        return ()

    def prepare(self, prompt: PromptRun, old: Snapshot, new: Snapshot) -> list[str]:
        """Decide whose code runs for this prompt; what the reader must know of it, and of its judges, comes back."""
        return [*self._said.get(prompt.new.name, ()), *self._code(prompt, old, new)]

    def _code(self, prompt: PromptRun, old: Snapshot, new: Snapshot) -> list[str]:
        specs = [*prompt.new.assertions, *prompt.coded]
        if not has_code(specs) or not (self.allow_new or self.allow_old):
            return []
        name = prompt.pair.name
        fresh = _texts(python_files(specs), prompt.new.path, new)
        if self.allow_new:
            self._runners[name] = CodeRunner(fresh)
            return []
        before = _old_specs(prompt, old)
        known = frozenset(_scripts(parse_all(before, "", error=InvalidInputs)))
        texts = {} if prompt.old is None else _texts(python_files(before), prompt.old.path, old)
        self._runners[name] = OldCode(texts, known)
        return [
            f"{path} differs: the old side's code ran. --allow-code runs the new side's."
            for path in sorted(fresh)
            if path in texts and texts[path] != fresh[path]
        ]


def judge_name(assertion: Assertion) -> str | None:
    """The type of an assertion that a judge's prompt decides; None for any other."""
    name = assertion.type.removeprefix("not-")
    return name if "rubricPrompt" in assertion.kind.options else None


def criterion_digest(assertion: Assertion) -> str:
    """What tells one criterion from another: the value and the threshold as they stand in the file."""
    whole = json.dumps([assertion.type, assertion.value, assertion.threshold], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _keep(prompt: PromptRun, call: Call, reply: Reply) -> None:
    """A judgement is recorded beside the answer that it judges."""
    prompt.used.add(call, reply)


def _question(run: CaseRun) -> str:
    """What the user asks last on the new side: the one yardstick for both sides."""
    messages = () if run.new.call is None else run.new.call.messages
    last = next((one.get("content") for one in reversed(messages) if one.get("role") == "user"), "")
    if isinstance(last, str):
        return last
    return "\n".join(part["text"] for part in last or () if isinstance(part.get("text"), str))


def _old_specs(prompt: PromptRun, old: Snapshot) -> list[Mapping[str, Any]]:
    """The old side's raw assertions, and those of its inputs that run code; none of inputs that cannot be read."""
    from promptctl.inputs.files import read_cases

    if prompt.old is None:
        return []
    specs = list(prompt.old.assertions)
    try:
        inputs = old.inputs(prompt.old.name)
        for case in read_cases(*inputs) if inputs else ():
            specs += [spec for spec in case.assertions if has_code([spec])]
    except (InvalidInputs, InvalidPrompt):
        return specs
    return specs


def _scripts(assertions: Iterable[Assertion]) -> Iterable[Script]:
    for assertion in assertions:
        if isinstance(assertion.value, Script):
            yield assertion.value
        yield from _scripts(assertion.members)


def _texts(paths: Iterable[str], prompt_path: str, snapshot: Snapshot) -> dict[str, str]:
    """The files that assertions name, relative to the prompt's folder, as they stand at the snapshot's revision."""
    from promptctl.documents import decode

    found: dict[str, str] = {}
    for path in paths:
        whole = posixpath.normpath(posixpath.join(posixpath.dirname(prompt_path), path))
        if whole.startswith(("../", "/")):
            raise InvalidPrompt(Problem(prompt_path, f"file://{path} lies outside the repository."))
        try:
            found[path] = decode(snapshot.read(whole), whole)
        except (PromptctlError, OSError):
            continue  # Its absence is the assertion's error, case by case.
    return found
