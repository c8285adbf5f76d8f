"""Text of .promptctl.yaml and the environment -> Settings, or every mistake at once."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from promptctl.documents import Document, Fields, parse_yaml, printable, shown, suggestion
from promptctl.errors import FileError, InvalidSettings
from promptctl.settings.environment import given_settings, variable
from promptctl.settings.params import ADDRESS_HINT, names_address, param_problems
from promptctl.settings.values import (
    FILE,
    CacheSettings,
    ConfirmSettings,
    GateSettings,
    HookSettings,
    JudgeSettings,
    LintSettings,
    Price,
    Provider,
    RateLimit,
    ReplaySettings,
    Settings,
)

# What `formats:` may give a file; the rooms above know how each is read.
FORMATS = (
    "agent",
    "chat",
    "chatml",
    "dotprompt",
    "fabric",
    "frontmatter",
    "langchain",
    "langfuse",
    "litellm",
    "openai",
    "promptfoo",
    "promptfooconfig",
    "promptlayer",
    "prompty",
    "python",
    "semantic-kernel",
    "text",
    "yaml",
)
# What `judge.prompt` may replace: the judge prompts that the package ships.
JUDGE_PROMPTS = (
    "answer-relevance",
    "classifier",
    "context-faithfulness",
    "context-faithfulness-statements",
    "context-recall",
    "context-relevance",
    "factuality",
    "g-eval",
    "g-eval-steps",
    "llm-rubric",
    "model-graded-closedqa",
    "pairwise",
)
_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m|h|d|w)?")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{1,63}")
_FRACTION = "A fraction: 0.1 is 10%, or 10 points of a rate."


def read_settings(text: str | None, *, where: str = FILE, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings out of a file's text (None: no file) and the PROMPTCTL_* variables of `environ`, which beat it.

    Raises InvalidSettings with every mistake of both.
    """
    try:
        document = Document({}) if text is None else parse_yaml(text, where)
    except FileError as error:
        raise InvalidSettings(error.problems) from None
    fields = Fields(document, where)
    reader = _Reader(fields, environ or {})
    settings = reader.settings()
    fields.finish(InvalidSettings)
    return settings


def duration(text: str | float) -> float | None:
    """`7d`, `12h`, `30m`, `45s` or seconds -> seconds; None where it is no duration."""
    match = _DURATION.fullmatch(str(text).strip())
    return float(match[1]) * _UNITS[match[2] or ""] if match else None


Read = Callable[[Fields, str], Any]


def _duration(fields: Fields, key: str) -> float | None:
    value = fields.any(key)
    if value is None:
        return None
    seconds = None if isinstance(value, bool | list | dict) else duration(value)
    if seconds is None or (key in {"timeout", "time_limit"} and seconds == 0):
        fields.problem(
            f"{fields.name(key)} must be a duration, not {shown(value)}.", key, hint="As 45s, 30m, 12h, 7d, or seconds."
        )
    return seconds


def model_name(fields: Fields, key: str) -> str | None:
    """A name, never an address."""
    name = fields.text(key)
    if name is not None and names_address(name):
        fields.problem(f"{fields.name(key)} is no name of a model, but an address.", key, hint=ADDRESS_HINT)
    return name


def _cache_url(fields: Fields, key: str) -> str | None:
    url = fields.text(key)
    if url is None or re.match(r"sqlite:///.|(postgresql|postgres)(\+psycopg)?://.", url):
        return url
    hint = "As sqlite:///.promptctl/promptctl.db or postgresql://host/database."
    fields.problem("'cache.url' is no address of a database.", key, hint=hint)  # not shown: it may hold a password
    return None


_COUNT = partial(Fields.integer, minimum=0)
_AMOUNT = partial(Fields.number, minimum=0)
_SHARE = partial(Fields.number, minimum=0, maximum=1, hint=_FRACTION)
_INCREASE = partial(Fields.number, minimum=0, hint=_FRACTION)

# Every setting that is one value, by its path: read alike from the file and from the environment.
SCALARS: Mapping[str, Read] = {
    "model": model_name,
    "allow_code": Fields.flag,
    "replay.repeat": partial(Fields.integer, minimum=1, maximum=1_000),
    "replay.concurrency": partial(Fields.integer, minimum=1, maximum=1_000),
    "replay.timeout": _duration,
    "replay.retries": partial(Fields.integer, minimum=0, maximum=100),
    "replay.max_cost_usd": _AMOUNT,
    "replay.max_calls": _COUNT,
    "replay.time_limit": _duration,
    "gate.max_regressions": _COUNT,
    "gate.max_pass_rate_drop": _SHARE,
    "gate.min_pass_rate": _SHARE,
    "gate.max_cost_increase": _INCREASE,
    "gate.max_latency_increase": _INCREASE,
    "gate.max_output_tokens_increase": _INCREASE,
    "gate.max_error_rate": _SHARE,
    "gate.on_inconclusive": partial(Fields.choice, default="pass", choices=("pass", "fail")),
    "gate.alpha": partial(Fields.number, above=0, maximum=0.5, hint=_FRACTION),
    "confirm.max_samples": partial(Fields.integer, minimum=1, maximum=1_000),
    "cache.url": _cache_url,
    "cache.max_age": _duration,
    "judge.model": model_name,
    "judge.embedding_model": model_name,
    "judge.moderation_model": model_name,
    "hook.max_calls": _COUNT,
    "hook.max_cost_usd": _AMOUNT,
    "hook.time_limit": _duration,
    "hook.on_incomplete": partial(Fields.choice, default="pass", choices=("pass", "fail")),
}
_SECTIONS = ("replay", "gate", "confirm", "cache", "judge", "hook")
_TOP = ("prompts", "formats", "model", "params", *_SECTIONS, "lint", "providers", "prices", "allow_code")
VARIABLES: Mapping[str, str] = {variable(path): path for path in SCALARS}


class _Reader:
    """One reading: the file's fields, the environment, and all the problems in `fields.problems`."""

    def __init__(self, fields: Fields, environ: Mapping[str, str]) -> None:
        self.fields = fields
        providers = fields.value.get("providers")
        self.given = given_settings(environ, SCALARS, providers if isinstance(providers, dict) else (), fields.problems)

    def settings(self) -> Settings:
        self._unknown_top()
        top = {key: value for key in ("model", "allow_code") if (value := self._scalar(self.fields, key)) is not None}
        return Settings(
            **top,
            prompts=self._beaten("prompts", self.fields, self._prompts),
            formats=self._beaten("formats", self.fields, self._formats),
            params=self._beaten("params", self.fields, self._params),
            replay=ReplaySettings(**self._section("replay")),
            gate=GateSettings(**self._section("gate")),
            confirm=ConfirmSettings(**self._section("confirm")),
            cache=CacheSettings(**self._section("cache")),
            judge=self._judge(),
            hook=HookSettings(**self._section("hook")),
            lint=self._lint(),
            providers=self._providers(),
            prices={
                name: self._price(name, one)
                for fields in (self.fields, *self._given("prices"))
                for name, one in fields.entries("prices").items()
            },
        )

    def _judge(self) -> JudgeSettings:
        fields = self.fields.section("judge")
        values = self._section("judge", "params", "prompt")
        return JudgeSettings(
            **values,
            params=self._beaten("judge.params", fields, self._params),
            prompts=self._beaten("judge.prompt", fields, self._judge_prompts),
        )

    def _judge_prompts(self, fields: Fields) -> Mapping[str, str]:
        """`judge.prompt`: the path of the rubric's judge prompt, or a path for each type of assertion."""
        given = fields.any("prompt")
        named = {"llm-rubric": given} if isinstance(given, str) else given or {}
        if not isinstance(named, Mapping):
            fields.problem(f"'judge.prompt' must be the path of a prompt file, not {shown(given)}.", "prompt")
            return {}
        found = {}
        for name, path in named.items():
            if name not in JUDGE_PROMPTS:
                hint = suggestion(str(name), JUDGE_PROMPTS)
                fields.problem(f"'judge.prompt.{printable(str(name))}' is no judge prompt.", "prompt", name, hint=hint)
            elif not isinstance(path, str) or path.startswith(("/", "~")) or ".." in path.split("/"):
                hint = "A path from the repository's root, as prompts/_judges/rubric.yaml."
                fields.problem(
                    f"'judge.prompt' names {shown(path)}, which is no path in the repository.", "prompt", hint=hint
                )
            else:
                found[str(name)] = path.removeprefix("./")
        return found

    def _scalar(self, fields: Fields, path: str) -> Any:
        key = path.rpartition(".")[2]
        return self._beaten(path, fields, lambda given: SCALARS[path](given, key))

    def _beaten(self, path: str, fields: Fields, read: Callable[[Fields], Any]) -> Any:
        """A setting as the environment gives it, else as the file does; what is wrong is noted of both."""
        value = read(fields)
        given = self.given.get(path)
        if given is None:
            return value
        section = path.rpartition(".")[0]
        return read(given.section(section) if section else given)

    def _section(self, name: str, *others: str) -> dict[str, Any]:
        fields = self.fields.section(name)
        keys = [path.removeprefix(f"{name}.") for path in SCALARS if path.startswith(f"{name}.")]
        fields.refuse_unknown(*keys, *others)
        values = {key: self._scalar(fields, f"{name}.{key}") for key in keys}
        return {key: value for key, value in values.items() if value is not None}

    def _unknown_top(self) -> None:
        """As `refuse_unknown`, with the section of a key that stands outside of it: concurrency -> replay."""
        for key in self.fields.value:
            if key in _TOP:
                continue
            inside = [path for path in SCALARS if path.endswith(f".{key}")]
            hint = f"Did you mean '{inside[0]}'?" if inside else suggestion(key, _TOP)
            self.fields.problem(f"unknown key '{printable(key)}'.", key, hint=hint)

    def _prompts(self, fields: Fields) -> tuple[str, ...]:
        patterns = fields.texts("prompts")
        if "prompts" in fields and not patterns and not fields.problems:
            fields.problem("'prompts' is empty.", "prompts", hint="Name a folder: [prompts].")
        for pattern in patterns:
            parts = pattern.split("/")
            drive = ":" in parts[0] and len(parts) > 1  # C:/prompts; app.py:NAME is a prompt in code
            if pattern.startswith(("/", "~")) or ".." in parts or "\\" in pattern or drive:
                hint = "Folders and globs stand relative to the repository's root, with '/'."
                fields.problem(f"'prompts' leaves the repository: '{printable(pattern)}'.", "prompts", hint=hint)
        clean = ("/".join(part for part in pattern.split("/") if part not in {"", "."}) for pattern in patterns)
        return tuple(dict.fromkeys(pattern or "." for pattern in clean)) or Settings().prompts

    def _formats(self, fields: Fields) -> Mapping[str, str]:
        found = {}
        for glob, name in fields.mapping("formats").items():
            if name in FORMATS:
                found[glob] = name
                continue
            hint = suggestion(name, FORMATS) if isinstance(name, str) else f"One of {', '.join(FORMATS)}."
            fields.problem(f"unknown format {shown(name)}.", "formats", glob, hint=hint)
        return found

    def _lint(self) -> LintSettings:
        fields = self.fields.section("lint")
        fields.refuse_unknown("ignore")
        return LintSettings(self._beaten("lint.ignore", fields, self._ignored))

    def _ignored(self, fields: Fields) -> Mapping[str, tuple[str, ...]]:
        """`lint.ignore`: by glob a rule, or a list of them. Whether there are such rules is lint's to know."""
        globs = fields.section("ignore")
        return {glob: globs.texts(glob) for glob in globs.value}

    def _params(self, fields: Fields) -> Mapping[str, Any]:
        params = fields.mapping("params")
        key = ".".join(str(part) for part in (*fields.path, "params"))
        fields.problems += param_problems(params, fields.where, lambda name: fields.line("params", name), key=key)
        return params

    def _given(self, key: str) -> list[Fields]:
        return [fields for path, fields in self.given.items() if path.partition("/")[0] == key]

    def _providers(self) -> Mapping[str, Provider]:
        """Key by key: the environment may give a provider's address, and the file its limits."""
        found: dict[str, Provider] = {}
        for fields in (self.fields, *self._given("providers")):
            for name, one in fields.entries("providers").items():
                before, now = found.get(name, Provider()), self._provider(name, one)
                limit = RateLimit(
                    now.rate_limit.requests_per_minute or before.rate_limit.requests_per_minute,
                    now.rate_limit.tokens_per_minute or before.rate_limit.tokens_per_minute,
                )
                found[name] = Provider(now.api_base or before.api_base, now.api_key_env or before.api_key_env, limit)
        return found

    def _provider(self, name: str, fields: Fields) -> Provider:
        if "api_key" in fields:
            hint = "Name the variable that holds it: 'api_key_env'."
            fields.problem("keys are read from the environment alone.", "api_key", hint=hint)
        fields.refuse_unknown("api_base", "api_key_env", "rate_limit", "api_key")
        limit = fields.section("rate_limit")
        limit.refuse_unknown("requests_per_minute", "tokens_per_minute")
        return Provider(
            api_base=self._api_base(name, fields),
            api_key_env=self._api_key_env(name, fields),
            rate_limit=RateLimit(
                requests_per_minute=limit.number("requests_per_minute", above=0),
                tokens_per_minute=limit.number("tokens_per_minute", above=0),
            ),
        )

    def _api_base(self, name: str, fields: Fields) -> str | None:
        base = fields.text("api_base")
        if base and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", base):
            hint = "As https://host/v1, without a user, a password or a query."
            fields.problem(f"'providers.{printable(name)}.api_base' is no address.", "api_base", hint=hint)
        return base

    def _api_key_env(self, name: str, fields: Fields) -> str | None:
        variable = fields.text("api_key_env")
        if variable and not _VARIABLE.fullmatch(variable):
            # The value is not shown: people paste the key itself.
            hint = "As OPENAI_API_KEY; never the key itself."
            message = f"'providers.{printable(name)}.api_key_env' is no name of an environment variable."
            fields.problem(message, "api_key_env", hint=hint)
        return variable

    def _price(self, name: str, fields: Fields) -> Price:
        fields.refuse_unknown("input_per_million", "output_per_million")
        amounts = {key: fields.number(key, minimum=0) for key in ("input_per_million", "output_per_million")}
        for key in amounts:
            if key not in fields:
                hint = "Both prices are needed, in US dollars a million tokens."
                fields.problem(f"'prices.{printable(name)}.{key}' is missing.", hint=hint)
        return Price(**{key: amount or 0.0 for key, amount in amounts.items()})
