"""The PROMPTCTL_* variables -> the settings that they give, each read like a file of its own.

A setting of one value has a variable of its path: PROMPTCTL_REPLAY_CONCURRENCY=8. A list or a mapping stands in one
variable as YAML (PROMPTCTL_PRICES='{openai/x: {input_per_million: 1, output_per_million: 2}}'); the folders of prompts
also with commas between them. Keys of providers have variables of their own: PROMPTCTL_PROVIDERS_OPENAI_API_BASE.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from promptctl.documents import Fields, parse_yaml, plain_value, printable, suggestion
from promptctl.errors import FileError, Problem

PREFIX = "PROMPTCTL_"
# Read by others: where the log and the demo's model are kept, tracebacks, flags in ci/gitlab.yml, the test-suite.
_NO_SETTINGS = frozenset({"PROMPTCTL_HOME", "PROMPTCTL_DEBUG", "PROMPTCTL_FLAGS"})
_TESTS = "PROMPTCTL_TEST_"

_WHOLE = (
    "prompts",
    "formats",
    "params",
    "judge.params",
    "judge.prompt",
    "lint.ignore",
    "providers",
    "prices",
)  # lists, mappings
_TEXTS = frozenset(
    {"model", "judge.model", "judge.embedding_model", "judge.moderation_model", "cache.url"}
)  # `1e3` in the environment is a name here, not a number
_PROVIDER = re.compile(r"PROVIDERS_(.+?)_(?:(API_BASE|API_KEY_ENV)|(RATE_LIMIT)_((?:REQUESTS|TOKENS)_PER_MINUTE))")


def variable(path: str) -> str:
    """replay.max_calls -> PROMPTCTL_REPLAY_MAX_CALLS."""
    return PREFIX + path.upper().replace(".", "_")


def given_settings(
    environ: Mapping[str, str], scalars: Collection[str], providers: Collection[str], problems: list[Problem]
) -> dict[str, Fields]:
    """What the environment gives, by the setting's path: Fields from the root, with the variable as their place.

    `scalars` are the paths of the settings of one value, `providers` the names that the file has. Variables that are no
    setting are added to `problems`, which the Fields share. An empty variable counts as none.
    """
    known = {variable(path): path for path in (*scalars, *_WHOLE)}
    given = {}
    for name in sorted(environ):
        text = environ[name].strip()
        if not name.startswith(PREFIX) or name in _NO_SETTINGS or name.startswith(_TESTS):
            continue
        path = known.get(name) or _provider_path(name, providers)
        if path is None:
            # By what follows the prefix: the prefix alone makes any two variables look alike.
            hint = suggestion(name.removeprefix(PREFIX), (one.removeprefix(PREFIX) for one in known))
            hint = hint.replace("'", f"'{PREFIX}", 1)
            others = "Settings of one value have a variable: PROMPTCTL_MODEL ..."
            problems.append(Problem(printable(name), "is no setting.", hint=hint if hint.startswith("Did") else others))
        elif text:
            try:
                value = _value(path, text, name)
            except FileError as error:
                problems += error.problems
                continue
            given[path] = Fields(_nested(path, value), name, problems=problems)
    return given


def _provider_path(name: str, providers: Collection[str]) -> str | None:
    """PROMPTCTL_PROVIDERS_TOGETHER_AI_API_BASE -> providers/together_ai/api_base, `/` since names may hold dots."""
    found = _PROVIDER.fullmatch(name.removeprefix(PREFIX))
    if found is None:
        return None
    provider = next((one for one in providers if re.sub(r"\W", "_", one).upper() == found[1]), found[1].lower())
    return "/".join(["providers", provider, *(part.lower() for part in found.groups()[1:] if part)])


def _value(path: str, text: str, name: str) -> Any:
    if path in _TEXTS or path.startswith("providers/"):
        is_number = path.endswith("_per_minute")
        return _plain(text) if is_number else text
    if path in _WHOLE:
        if text[0] not in "[{" and path in {"prompts", "judge.prompt"}:
            return [part.strip() for part in text.split(",")] if path == "prompts" else text
        return parse_yaml(text, name).value
    return _plain(text)


def _plain(text: str) -> Any:
    try:
        return plain_value(text)
    except ValueError:
        return text


def _nested(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split("/") if "/" in path else path.split(".")):
        value = {key: value}
    nested: dict[str, Any] = value
    return nested
