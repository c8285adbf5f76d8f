"""What LiteLLM raises -> what it means: final or transient, billed or not, in the provider's own words.

LiteLLM makes one InternalServerError of a 500, broken JSON, a dropped and a refused connection: the chain of causes and
the status tell them apart. Classes are matched by name, so that nothing heavy is imported here.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from promptctl.models.attempt import AttemptError, Reach
from promptctl.models.call import Failure
from promptctl.models.reason import one_line, without_prefixes
from promptctl.models.retry import retry_after

_CONTEXT = re.compile(
    r"(?i)context_length_exceeded|maximum context length|context window|prompt is too long|too many input tokens"
    r"|input token count.{0,40}exceeds|exceeds? the available context size"
)
_POLICY = re.compile(
    r"(?i)content_policy|content.?filter|content management policy|safety system|usage polic(?:y|ies)|flagged as"
)
_QUOTA = re.compile(
    r"(?i)insufficient_quota|exceeded your current quota|credit balance|billing hard limit"
    r"|insufficient.{0,12}(?:balance|credit|funds)|payment required|billing_not_active|check your plan and billing"
)
_KEY = re.compile(r"(?i)missing credentials|api_key client option must be set|missing .{0,20}api.?key|no api key")
_EMPTY = re.compile(r"(?i)response with no 'choices'")  # what older releases of LiteLLM make of `choices: []`
_ODD = re.compile(r"Invalid response object")  # what LiteLLM says of JSON that is no completion, with a traceback
_TRACE = re.compile(r"\s*Traceback \(most recent call last\)")
_REFUSED = frozenset({"ConnectionRefusedError", "gaierror", "ConnectError", "ClientConnectorError"})
_TIMED_OUT = frozenset({"Timeout", "APITimeoutError", "TimeoutError", "ReadTimeout", "ConnectTimeout"})
_BROKEN = frozenset({"JSONDecodeError", "ContentTypeError", "UnicodeDecodeError", "ValidationError"})
_ABSENT = frozenset({"ModuleNotFoundError", "ImportError"})
_NOT_FOUND = 404  # no such model, or no such address
_TOO_MANY = frozenset({429, 529})  # 529 is Anthropic's "overloaded"
_RETRIED_STATUS = frozenset({408, 409, 425, 429})


_WORDS = 180  # characters of the provider's own


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reasons name: the model and where it was asked, the time-out, and the values that must not appear."""

    model: str
    provider: str
    api_base: str | None
    timeout: float
    key_names: tuple[str, ...] = ()
    secrets: Collection[str] = ()


def failed_attempt(error: BaseException, asked: Asked, now: float) -> AttemptError:
    """The meaning of one exception; `now` in seconds since the epoch, for a Retry-After that is a date."""
    names = {type(one).__name__ for one in _chain(error)}
    message = f"{error} {getattr(error, 'body', '') or ''}"
    status = getattr(error, "status_code", None)
    wait = retry_after(headers_of(error), now)
    failure, reach = _meaning(names, status if isinstance(status, int) else None, message, answered=_answered(error))
    limited = failure is Failure.TRANSIENT and status in _TOO_MANY
    return AttemptError(
        failure,
        _reason(failure, error, names, asked),
        reach=reach,
        retry_after=wait,
        limited=limited,
        model_wide=failure is Failure.REQUEST and status == _NOT_FOUND,
    )


def headers_of(error: BaseException) -> Mapping[str, str]:
    """The headers of the provider's answer; none where there was no answer."""
    for found in (
        getattr(error, "litellm_response_headers", None),
        getattr(getattr(error, "response", None), "headers", None),
    ):
        if isinstance(found, Mapping) and found:
            return {str(name).lower(): str(value) for name, value in found.items()}
    return {}


def _meaning(names: set[str], status: int | None, message: str, *, answered: bool) -> tuple[Failure, Reach]:
    if names & _ABSENT:
        return Failure.REQUEST, Reach.UNSENT
    if _KEY.search(message) and not answered:
        return Failure.AUTH, Reach.UNSENT
    if not answered:
        return Failure.TRANSIENT, _silence(names)
    if "ContextWindowExceededError" in names or (status in {400, 413, 422} and _CONTEXT.search(message)):
        return Failure.CONTEXT_LENGTH, Reach.ANSWERED
    if "ContentPolicyViolationError" in names or (status in {400, 403, 422} and _POLICY.search(message)):
        return Failure.CONTENT_POLICY, Reach.ANSWERED
    if status == 402 or (status in {400, 403, 429} and _QUOTA.search(message)):
        return Failure.QUOTA, Reach.ANSWERED
    if status in {401, 403}:
        return Failure.AUTH, Reach.ANSWERED
    if status is None or status in _RETRIED_STATUS or status >= 500:
        return Failure.TRANSIENT, Reach.ANSWERED
    return Failure.REQUEST, Reach.ANSWERED


def _silence(names: set[str]) -> Reach:
    return Reach.REFUSED if names & _REFUSED and not names & _TIMED_OUT else Reach.LOST


def _answered(error: BaseException) -> bool:
    """Whether a provider said no: an answer has headers, or a status other than the one that LiteLLM makes up."""
    if _EMPTY.search(str(error)) or _ODD.search(str(error)):
        return False
    if getattr(error, "litellm_response_headers", None):
        return True
    names = {type(one).__name__ for one in _chain(error)}
    if names & (_REFUSED | _TIMED_OUT | _BROKEN | {"APIConnectionError", "ReadError", "RemoteProtocolError"}):
        return False
    status = getattr(error, "status_code", None)
    return isinstance(status, int) and not (status == 500 and _KEY.search(str(error)))


def _reason(failure: Failure, error: BaseException, names: set[str], asked: Asked) -> str:
    words = one_line(without_prefixes(_TRACE.split(str(error))[0]), asked.secrets)
    status = getattr(error, "status_code", None)
    if failure is Failure.AUTH:
        check = f"; check {' or '.join(asked.key_names)}" if asked.key_names else ""
        number = f"{status}: " if isinstance(status, int) and _answered(error) else ""
        return one_line(f"{asked.model}: {number}{_before(words, check)}", asked.secrets)
    if names & _ABSENT:
        return one_line(f"{asked.model}: LiteLLM needs a package for this provider: {words}")
    if failure is Failure.TRANSIENT and not _answered(error):
        return one_line(f"{asked.model}: {_what_was_lost(error, names, asked)}", asked.secrets)
    number = f"{status}: " if isinstance(status, int) else ""
    return one_line(f"{asked.model}: {number}{_before(words, _next(failure, status, asked))}", asked.secrets)


def _next(failure: Failure, status: object, asked: Asked) -> str:
    """What to do about it, where that is plain."""
    if failure is Failure.QUOTA:
        return "; nothing more is asked: see to the account, then replay again"
    if failure is Failure.REQUEST and status == _NOT_FOUND:
        address = f" and providers.{asked.provider}.api_base" if asked.api_base and asked.provider else ""
        return f"; check the model's name{address}"
    return ""


def _before(words: str, hint: str) -> str:
    """Words and what comes after them."""
    return _short(words).rstrip(" .") + hint if hint else words


def _short(words: str) -> str:
    return words if len(words) <= _WORDS else words[: _WORDS - 1].rstrip() + "…"


def _what_was_lost(error: BaseException, names: set[str], asked: Asked) -> str:
    where = asked.api_base or asked.provider or "the provider"
    if _EMPTY.search(str(error)):
        return "an answer without choices"
    if _ODD.search(str(error)):
        return f"the answer of {where} has another shape than was asked for"
    if names & _TIMED_OUT:
        return f"no answer within {asked.timeout:g} s"
    if names & _REFUSED:
        hint = f"; is it running? See providers.{asked.provider}.api_base" if asked.api_base and asked.provider else ""
        return f"cannot connect to {where}: {_short(_root(error))}{hint}"
    if names & _BROKEN:
        return f"the answer of {where} is no JSON, or cut off"
    return f"the connection to {where} broke off"


def _root(error: BaseException) -> str:
    root = list(_chain(error))[-1]
    return root.strerror if isinstance(root, OSError) and root.strerror else without_prefixes(str(root))


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(20):
        if found is None:
            return
        yield found
        found = found.__cause__ or found.__context__
