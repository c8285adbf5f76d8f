"""Questions about answers -> calls to the judge, under the judge's prompts and settings in force."""

import hashlib
import json
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from promptctl.errors import InvalidPrompt, Problem, UserError
from promptctl.models.call import Call, Kind
from promptctl.prompts.prompt import Message, Prompt
from promptctl.scoring.ask import Ask, Via
from promptctl.scoring.judge.fence import fenced, token_of
from promptctl.settings import JudgeSettings
from promptctl.snapshot import Snapshot
from promptctl.workflows.calibration import Calibration, lock_path, read_lock

if TYPE_CHECKING:
    from promptctl.prompts.template import Renderer

FILE = "file://"
STEPS = frozenset({"g-eval-steps", "context-faithfulness-statements"})  # what an assertion's own prompt is not for
# What a prompt must show, or it judges something else than the answer.
SHOWS = {
    "llm-rubric": "output",
    "model-graded-closedqa": "completion",
    "factuality": "completion",
    "g-eval-steps": "criteria",
    "g-eval": "output",
    "classifier": "output",
    "answer-relevance": "answer",
    "context-recall": "groundTruth",
    "context-relevance": "context",
    "context-faithfulness-statements": "answer",
    "context-faithfulness": "statements",
    "pairwise": "second",
}
NAMES = {"model-graded-factuality": "factuality", "select-best": "pairwise"}  # types that share a judge prompt
_MODEL = "Set judge.model in .promptctl.yaml, or 'provider' in the assertion."
_EMBEDDINGS = "Set judge.embedding_model in .promptctl.yaml, as openai/text-embedding-3-small or local/use."
_REPAIR = "Your last reply to this could not be read: {}. Reply again, with the JSON object alone."


@dataclass(frozen=True, slots=True)
class Asked:
    """A call to a judge, and the token that its judgement must carry, where the judge is told of one."""

    call: Call
    token: str | None


@dataclass(frozen=True)
class Judge:
    """One judge: a prompt, a model and its parameters. `path` is None for the prompt that the package ships."""

    name: str
    prompt: Prompt
    model: str
    params: Mapping[str, Any]
    path: str | None
    renderer: "Renderer" = field(repr=False, compare=False)
    names: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def digest(self) -> str:
        """SHA-256 of all that makes this judge what it is: its prompt's text, its model, its parameters."""
        prompt = self.prompt
        whole = {
            "messages": [[message.role, message.content] for message in prompt.messages],
            "script": prompt.script,
            "language": prompt.language,
            "partials": dict(prompt.partials),
            "response_format": prompt.response_format,
            "model": self.model,
            "params": dict(self.params),
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Places:
    """Where judge prompts are read: those that the settings name, and those that assertions name.

    Where there is a merge base, an assertion's file is read there too, unless it is absent there.
    """

    settings: Snapshot
    assertions: Snapshot
    base: Snapshot | None = None

    def of_assertion(self, path: str) -> Snapshot:
        """Where an assertion's own judge prompt is read."""
        return self.base if self.base is not None and self.base.exists(path) else self.assertions


class Bench:
    """The judges of a run. `endpoint` and `bound` are as for every call."""

    def __init__(
        self,
        settings: JudgeSettings,
        places: Places,
        *,
        endpoint: Callable[[str], str | None],
        bound: Callable[[Call], Call],
    ) -> None:
        self.settings = settings
        self.places = places
        self._endpoint = cache(endpoint)
        self._bound = bound
        self._judges: dict[str, Judge] = {}
        self._prompts: dict[tuple[str, object], tuple[Prompt, str | None]] = {}
        self._locks: dict[str, Mapping[str, Calibration]] = {}

    def judge(self, name: str, via: Via, folder: str) -> Judge:
        """The judge that a question goes to. `folder` is that of the prompt whose assertion asks.

        Raises InvalidPrompt where its prompt cannot be read, UserError where nobody says which model it is.
        """
        own = via.prompt if name not in STEPS else None
        key = json.dumps([name, folder, own, via.model, dict(via.params)], sort_keys=True, default=str)
        if key not in self._judges:
            self._judges[key] = self._made(NAMES.get(name, name), own, via, folder)
        return self._judges[key]

    def calibration(self, judge: Judge) -> Calibration | None:
        """What was found of this very judge, prompt, model and parameters; None where nobody calibrated it.

        It is read where the judge's prompt is read. Raises InvalidPrompt where the file is broken.
        """
        path = lock_path(judge.path)
        if path not in self._locks:
            named = judge.path is not None and judge.path not in self.settings.prompts.values()
            self._locks[path] = read_lock(self.places.of_assertion(path) if named else self.places.settings, path)
        return self._locks[path].get(judge.digest)

    def _made(self, name: str, own: object, via: Via, folder: str) -> Judge:
        from promptctl.prompts.template import Renderer, variables

        prompt, path = self._prompt(name, own, folder)
        model = via.model or prompt.model or self.settings.model
        if model is None:
            raise UserError(f"{name} needs a judge, and no model is named for it.", hint=_MODEL)
        params = {**self.settings.params, **prompt.params, **via.params}
        names = variables(prompt)
        if SHOWS[name] not in names:
            message = f"a judge prompt of {name} that never shows what to judge."
            raise InvalidPrompt(Problem(prompt.path, message, hint=f"Write {{{{ {SHOWS[name]} }}}} where it belongs."))
        return Judge(name, prompt, model, params, path, Renderer(prompt), names)

    def _prompt(self, name: str, own: object, folder: str) -> tuple[Prompt, str | None]:
        if isinstance(own, str) and own.startswith(FILE):
            path = posixpath.normpath(posixpath.join(folder, own.removeprefix(FILE)))
            return self._read(name, self.places.of_assertion(path), path), path
        if isinstance(own, str):
            return Prompt(name, "rubricPrompt", (Message("user", own),)), None
        if isinstance(own, tuple):
            return Prompt(name, "rubricPrompt", tuple(Message(one["role"], one["content"]) for one in own)), None
        named = self.settings.prompts.get(name)
        return (packaged(name), None) if named is None else (self._read(name, self.places.settings, named), named)

    def _read(self, name: str, snapshot: Snapshot, path: str) -> Prompt:
        key = (path, snapshot)
        if key not in self._prompts:
            self._prompts[key] = read_judge(snapshot, name, path), path
        return self._prompts[key][0]

    def asked(self, ask: Ask, values: Mapping[str, Any], folder: str, of: Call | None) -> Asked:
        """The call for a question about the answer to the call `of`, whose sample it shares.

        A judgement of a fresh sample is as fresh as the sample; a vector and a flag are the same in every sample.
        """
        if ask.what is not Kind.CHAT:
            return Asked(self._other(ask), None)
        judge = self.judge(ask.prompt, ask.via, folder)
        used = {name: value for name, value in values.items() if name in judge.names}
        token = token_of({**{f"variable {name}": str(value) for name, value in used.items()}, **ask.data})
        shown = {name: fenced(name, text, token) for name, text in ask.data.items()}
        messages = [one.to_json() for one in judge.renderer.render({**used, **shown, "token": token})]
        if ask.complaint is not None:
            messages.append({"role": "user", "content": _REPAIR.format(ask.complaint)})
        call = Call(
            judge.model,
            tuple(messages),
            judge.params,
            response_format=judge.prompt.response_format,
            endpoint=self._endpoint(judge.model),
        )
        told = token if "token" in judge.names else None
        return Asked(self._bound(_sampled(call, of)), told)

    def _other(self, ask: Ask) -> Call:
        from promptctl.models.embedding import embedding_call
        from promptctl.models.moderation import moderation_call

        text = ask.data["text"]
        if ask.what is Kind.MODERATION:
            model = self.moderation_model(ask.via)
            return moderation_call(model, [text], endpoint=self._endpoint(model))
        model = self.embedding_model(ask.prompt, ask.via)
        params = {name: ask.via.params[name] for name in ("dimensions",) if name in ask.via.params}
        return embedding_call(model, [text], params=params, endpoint=self._endpoint(model))

    def moderation_model(self, via: Via) -> str:
        """The model that `moderation` asks."""
        return via.model or self.settings.moderation_model

    def embedding_model(self, name: str, via: Via) -> str:
        """The model that `similar` takes its vectors from; that of answer-relevance is the settings' own.

        Raises UserError where nobody names one.
        """
        model = (via.model if name.startswith("similar") else None) or self.settings.embedding_model
        if model is None:
            raise UserError(f"{name} needs embeddings, and no model is named for them.", hint=_EMBEDDINGS)
        return model


def _sampled(call: Call, of: Call | None) -> Call:
    """The judge's sample has the number of the answer's, and belongs to the same pair of sides."""
    if of is None or (of.sample == 0 and of.against is None):
        return call
    seed = call.params.get("seed")
    if of.sample and isinstance(seed, int):
        call = replace(call, params={**call.params, "seed": seed + of.sample})
    return call.resampled(of.sample, against=of.against)


def packaged(name: str) -> Prompt:
    """The judge prompt of this name that the package ships."""
    from promptctl.prompts.formats import PromptText, read_prompt

    return read_prompt(PromptText(name, f"{name}.yaml", packaged_text(name)))


def packaged_text(name: str) -> bytes:
    """The file of a judge prompt that the package ships."""
    from importlib.resources import files  # 6 ms: only a replay with judges pays it

    return (files("promptctl.scoring.judge") / "prompts" / f"{name}.yaml").read_bytes()


def read_judge(snapshot: Snapshot, name: str, path: str) -> Prompt:
    """The judge prompt in a file, as it stands at the snapshot's Source. Raises InvalidPrompt."""
    hint = "The path starts at the repository's root in the settings, and beside the prompt in an assertion."
    try:
        data = snapshot.read(path) if not path.startswith("../") and snapshot.exists(path) else None
    except UserError as error:
        raise InvalidPrompt(Problem("", str(error))) from None
    if data is None:
        raise InvalidPrompt(Problem(path, f"no such judge prompt at {snapshot.source.revision}.", hint=hint))

    def include(wanted: str) -> str | None:
        found = (snapshot.include(root, wanted) for root in snapshot.settings.prompts)
        return next((text for text in found if text is not None), None)

    from promptctl.prompts.formats import PromptText, read_prompt

    beside = partial(snapshot.beside, path)
    prompt = read_prompt(PromptText(name, path, data, include=include, beside=beside))
    if prompt.assertions or prompt.tools:
        raise InvalidPrompt(Problem(path, "a judge prompt has neither assertions nor tools."))
    return prompt
