"""Call, Reply, CallFailed: what is asked, and what comes back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any

SCHEME = 1  # A change of the canonical form is a new number; answers under an old one stay readable.


class Kind(Enum):
    """What a model is asked for. What is not chat has its texts in `Call.messages`, and its own module here."""

    CHAT = "chat"
    EMBEDDING = "embedding"  # embedding.py
    MODERATION = "moderation"  # moderation.py


@dataclass(frozen=True)
class Call:
    """One request to a model, in OpenAI's shape.

    `params` are the parameters that reach the provider (temperature, max_tokens, seed ...). `endpoint` is what answers,
    where it is not the provider's own address: an api_base, or the digest of a local model's weights. `sample` numbers
    repeats; `against` is the base fingerprint of the other side's request, set for confirmation samples alone.
    `fallbacks` are the same words to other models, asked where nobody answers this one; they are no part of it.
    """

    model: str
    messages: tuple[Mapping[str, Any], ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    tools: tuple[Mapping[str, Any], ...] = ()
    response_format: Mapping[str, Any] | None = None
    endpoint: str | None = None
    sample: int = 0
    against: str | None = None
    kind: Kind = Kind.CHAT
    fallbacks: tuple["Call", ...] = field(default=(), compare=False)

    @cached_property
    def request(self) -> str:
        """The base fingerprint: of the request alone, whatever its sample. Equal requests have equal ones.

        Raises ValueError for a number that JSON does not have (NaN, infinity), TypeError for a value that is no JSON.
        """
        value = {
            "scheme": SCHEME,
            "model": self.model,
            "messages": self.messages,
            "params": {name: value for name, value in self.params.items() if value is not None},
            "tools": self.tools,
            "response_format": self.response_format or None,
            "endpoint": self.endpoint,
        }
        if self.kind is not Kind.CHAT:  # a chat's canonical form is older than the others
            value["kind"] = self.kind.value
        return hashlib.sha256(_encode(canonical(value)).encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the canonical request, the sample's number and, if any, the other side's request."""
        return hashlib.sha256(f"{self.request} {self.sample} {self.against or '-'}".encode()).hexdigest()

    def resampled(self, sample: int, *, against: str | None = None) -> "Call":
        """The same request as another sample; what was digested once is not digested again."""
        call = replace(self, sample=sample, against=against)
        call.__dict__["request"] = self.request
        return call


class Origin(Enum):
    """Where an answer came from in this run."""

    CACHE = "cache"
    RECORDING = "recording"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; None where it did not say.

    `output` includes `reasoning` and `audio_output`, `input` includes `cached` and `audio_input`.
    """

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    audio_input: int | None = None
    audio_output: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `cost_usd` is None where the price is unknown; `created` is seconds since the epoch, UTC.

    `fallback` is the model that answered in place of the call's own, where it was asked for that.
    `logprobs` are those of the answer's tokens, where the request asked for them. `metadata` is what else a recording
    tells of the answer (guardrails, skills), which assertions may read.
    """

    text: str
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    latency_ms: float | None = None
    model: str | None = None
    finish_reason: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    system_fingerprint: str | None = None
    created: float = 0.0
    origin: Origin = Origin.PROVIDER
    attempts: int = 1
    fallback: str | None = None
    logprobs: tuple[float, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """What people and judges are shown: the text; of an answer that only calls tools, the calls as JSON."""
        if self.text or not self.tool_calls:
            return self.text
        said = json.dumps(self.called, ensure_ascii=False, default=str)
        return said.encode("utf-8", "replace").decode()  # half a surrogate pair can be stored nowhere

    @property
    def called(self) -> list[Any]:
        """The tools that it calls, with their arguments; without the ids, which differ from answer to answer."""
        return [_called(call) for call in self.tool_calls]


DEEPEST = 200  # brackets in the arguments of a call: beyond that they are shown as they came


def _called(call: Mapping[str, Any]) -> Any:
    function = call.get("function", call)
    if not isinstance(function, Mapping) or not isinstance(arguments := function.get("arguments"), str):
        return function
    if arguments.count("[") + arguments.count("{") > DEEPEST:
        return function
    try:
        return {**function, "arguments": json.loads(arguments)}
    except ValueError:
        return function


class Failure(Enum):
    """Why a call has no answer."""

    TRANSIENT = "transient"  # 429, 5xx, time-out, dropped connection, broken JSON: after all retries
    CONTEXT_LENGTH = "context-length"
    CONTENT_POLICY = "content-policy"
    REQUEST = "request"  # 400, 404, 422, an unsupported parameter: asking again cannot help
    AUTH = "auth"  # no key, a wrong key
    QUOTA = "quota"  # the account is exhausted: nothing more is asked
    BUDGET = "budget"  # --max-cost or --max-calls
    MISSING = "missing"  # offline or frozen, and nobody knows the answer
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class CallFailed:
    """No answer, as data. `reason` is one line for the user; `attempts` counts the requests that were sent."""

    failure: Failure
    reason: str
    attempts: int = 0


Answer = Reply | CallFailed


def canonical(value: Any) -> Any:
    """JSON in its one form: equal numbers are one number (0.0 is 0), lists are lists, keys are text.

    Text is not touched. NaN and infinity stay, for the encoder to refuse.
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is dict:
        return {key if type(key) is str else _key(key): canonical(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [canonical(item) for item in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    """The same for subclasses (an enum's text) and other mappings, which are rare."""
    if isinstance(value, Mapping):
        return canonical(dict(value))
    if isinstance(value, list | tuple):
        return canonical(list(value))
    for base in (str, int, float):
        if isinstance(value, base):
            return canonical(base(value.value if isinstance(value, Enum) else value))
    raise TypeError(f"a request holds a {type(value).__name__}, which is no JSON")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str(key.value if isinstance(key, Enum) else key)
    return _encode(key)  # as JSON writes it: true, null, 1


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
