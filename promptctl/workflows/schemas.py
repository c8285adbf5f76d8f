"""JSON Schemas of the files that people write, made from the readers' own tables: for editors.

What a reader refuses, its schema refuses; where a key may stand empty, the schema lets it.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from promptctl.documents import Fields, suggestion
from promptctl.errors import UserError
from promptctl.prompts.formats import fields as prompt_keys
from promptctl.prompts.languages import CHOSEN
from promptctl.prompts.prompt import ROLES
from promptctl.prompts.template import TYPES
from promptctl.settings import ALLOWED_PARAMS, Settings, param_problems
from promptctl.settings.reading import FORMATS, JUDGE_PROMPTS, SCALARS, model_name
from promptctl.verdict.waiver_file import TEXT_LIMIT
from promptctl.workflows.assertion_schema import Schema, assertion_definitions, closed

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DURATION = {"type": ["string", "number", "null"], "pattern": r"^\s*[0-9]{1,9}(\.[0-9]{1,9})?\s*(ms|s|m|h|d|w)?\s*$"}
_SOME_TIME = {**_DURATION, "pattern": f"(?=.*[1-9]){_DURATION['pattern']}", "exclusiveMinimum": 0}
_TEXT = {"type": ["string", "null"], "pattern": r"\S"}
_MODEL = {**_TEXT, "not": {"type": "string", "pattern": "://"}}  # an address is no name

_SAYS: Mapping[str, str] = {
    "prompts": "Folders or globs with prompts, app.py:NAME, promptfooconfig.yaml; relative to the repository's root.",
    "formats": "The format of the files that a glob means, where name and content do not say it.",
    "model": "The model of prompts that name none: any LiteLLM model name, or local/smollm2.",
    "params": "Parameters of prompts that do not set them.",
    "replay": "How models are asked.",
    "replay.repeat": "First samples a side and a case.",
    "replay.concurrency": "Calls in flight.",
    "replay.timeout": "For one attempt: 60, 60s, 2m.",
    "replay.retries": "Attempts after a transient error.",
    "replay.max_cost_usd": "A run never spends more, in US dollars.",
    "replay.max_calls": "A run never sends more requests.",
    "replay.time_limit": "A run sends nothing more after it: 60, 60s, 2m.",
    "gate": "What fails a replay.",
    "gate.max_regressions": "Confirmed regressions allowed.",
    "gate.max_pass_rate_drop": "Net drop of the pass rate allowed where a regression is shown; 0.1 is 10 points.",
    "gate.min_pass_rate": "The new side's pass rate, at least; a fraction.",
    "gate.max_cost_increase": "Of the new side over the old; 0.1 is 10%.",
    "gate.max_latency_increase": "Of the 95th percentile; 0.1 is 10%.",
    "gate.max_output_tokens_increase": "Of the new side over the old; 0.1 is 10%.",
    "gate.max_error_rate": "Share of cases that may have no result; above it the verdict is error.",
    "gate.on_inconclusive": "Whether an inconclusive verdict passes or fails (exit code 4).",
    "gate.alpha": "False-alarm rate of a whole replay.",
    "confirm": "How suspects are asked again.",
    "confirm.max_samples": "Fresh samples a side and a case, at most.",
    "cache": "Where answers and runs are kept.",
    "cache.url": "sqlite:///PATH, relative to the repository's root.",
    "cache.max_age": "Answers further apart are asked again on both sides: 7d, 12h, 30m.",
    "judge": "The models behind model-graded assertions.",
    "judge.model": "Any LiteLLM model name.",
    "judge.params": "Its parameters.",
    "judge.prompt": "The judge prompt of llm-rubric, from the repository's root; or one for each judge prompt's name.",
    "judge.embedding_model": "What similar and answer-relevance take their vectors from.",
    "judge.moderation_model": "What moderation asks.",
    "hook": "What promptctl may take in a git hook.",
    "hook.max_calls": "A hook never sends more requests.",
    "hook.max_cost_usd": "A hook never spends more, in US dollars.",
    "hook.time_limit": "A hook asks nothing more after it: 60, 60s, 2m.",
    "hook.on_incomplete": "Whether a commit passes where a hook could not find out in time or within its budget.",
    "lint": "What `promptctl lint` leaves out.",
    "lint.ignore": "Rules (PL401, PL4, duplicate-instruction) by the glob of the files in which they find nothing.",
    "providers": "Where a provider is; the name is a model's prefix, such as openai. Keys come from the environment.",
    "prices": "What a model costs where LiteLLM's table does not know it.",
    "allow_code": "Run python assertions, in a process without the providers' keys.",
}


def settings_schema() -> Schema:
    """.promptctl.yaml."""
    top: Schema = {}
    for field in fields(Settings):
        inside = [path for path in SCALARS if path.startswith(f"{field.name}.")]
        if field.name in SCALARS:
            top[field.name] = _setting(field.name, getattr(Settings(), field.name))
        elif inside:
            section = getattr(Settings(), field.name)
            top[field.name] = _section(field.name, inside, section)
    top["judge"]["properties"]["params"] = _params(_SAYS["judge.params"])
    top["judge"]["properties"]["prompt"] = {
        "type": ["string", "object", "null"],
        "properties": {name: {"type": "string"} for name in JUDGE_PROMPTS},
        "additionalProperties": False,
        "description": _SAYS["judge.prompt"],
    }
    top["prompts"] = {
        "type": ["array", "string", "null"],
        "items": {"type": "string", "pattern": r"\S"},
        "minItems": 1,
        "pattern": r"\S",
        "default": list(Settings().prompts),
        "description": _SAYS["prompts"],
    }
    top["formats"] = {
        "type": ["object", "null"],
        "additionalProperties": {"enum": list(FORMATS)},
        "default": {},
        "description": _SAYS["formats"],
    }
    codes = {"type": ["array", "string"], "items": {"type": "string", "pattern": r"\S"}, "pattern": r"\S"}
    ignored = {"type": ["object", "null"], "additionalProperties": codes, "description": _SAYS["lint.ignore"]}
    top["lint"] = {
        "type": ["object", "null"],
        "properties": {"ignore": ignored},
        "additionalProperties": False,
        "description": _SAYS["lint"],
    }
    top["params"] = _params(_SAYS["params"])
    top["providers"] = _named(_provider(), _SAYS["providers"])
    top["prices"] = _named(_price(), _SAYS["prices"])
    ordered = {field.name: top[field.name] for field in fields(Settings)}
    return _file("promptctl settings: .promptctl.yaml", {**closed(ordered), "type": ["object", "null"]})


def prompt_schema() -> Schema:
    """NAME.yaml, and the front matter of NAME.md without its messages."""
    keys: Schema = {
        "description": {"type": ["string", "null"], "description": "What the prompt is for."},
        "model": {**_MODEL, "description": "Any LiteLLM model name, or local/smollm2, which needs no key."},
        "params": _params("LiteLLM completion parameters: temperature, max_tokens, seed ..."),
        "fallbacks": _texts("Models to ask where the first one cannot answer."),
        "template": {"enum": [*CHOSEN, None], "description": "What the templates are written in; default: jinja."},
        "messages": {"type": "array", "minItems": 1, "items": _message(), "description": "Templates, strict."},
        "variables": _variables(),
        "tools": {
            "type": ["array", "null"],
            "items": {"type": "object", "required": ["type"]},
            "description": "OpenAI shape.",
        },
        "response_format": {"type": ["object", "null"], "description": "OpenAI shape."},
        "inputs": {**_TEXT, "description": "Relative to this file's folder; default: NAME.inputs.jsonl beside it."},
        "assert": _assertions("Applied to every input."),
        "volume": {
            "type": ["string", "null"],
            "pattern": r"^\s*[0-9][0-9_]*(\.[0-9]+)?\s*/\s*(hour|day|week|month|year)\s*$",
            "description": "Requests in production, as 1200000/month; for forecasts of cost.",
        },
    }
    whole = closed({key: keys[key] for key in prompt_keys.KEYS})
    return _file("promptctl prompt: NAME.yaml", {**whole, "required": ["messages"], "$defs": assertion_definitions()})


def input_schema() -> Schema:
    """One line of NAME.inputs.jsonl, or one item of the same as YAML."""
    keys: Schema = {
        "id": {
            "type": ["string", "integer", "null"],
            "maxLength": 200,
            "pattern": r"\S",
            "description": "Results are joined by it; default: a digest of vars.",
        },
        "vars": {"type": "object", "description": "Values for the templates."},
        "expected": {"description": "What assertions compare with, as {{ expected }}."},
        "assert": _assertions("Added to the prompt's own."),
        "tags": _texts("Chosen with --tag."),
        "weight": {
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "default": 1,
            "description": "Its share of the traffic.",
        },
        "cluster": {"type": ["string", "integer", "null"], "description": "Cases of one conversation or document."},
        "threshold": {
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": 1,
            "description": "The mean score from which on the case passes, whatever each assertion says.",
        },
        "source": {"type": ["object", "null"], "description": "Where the case is from."},
    }
    return _file(
        "promptctl input: a line of NAME.inputs.jsonl",
        {**closed(keys), "required": ["vars"], "$defs": assertion_definitions()},
    )


def waivers_schema() -> Schema:
    """.promptctl/waivers.yaml."""
    line = {"type": "string", "pattern": r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\S[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"}
    text = {**line, "maxLength": TEXT_LIMIT}
    day = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    case: Schema = {
        "prompt": {**text, "description": "The prompt's name."},
        "id": {**text, "type": ["string", "integer"], "description": "The input's."},
    }
    made: Schema = {"owner": {**text, "description": "Who answers for it."}, "made": {**day, "description": "The day."}}
    waiver = {
        **case,
        "reason": {**text, "description": "Why it may fail, in one line."},
        **made,
        "expires": {**day, "description": "The last day on which it counts, in UTC."},
    }
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "The SHA-256 of the answer's text."}
    keys = {
        "waivers": _entries(waiver, "Regressions that somebody answers for until a day."),
        "accepted": _entries({**case, "answer": digest, **made}, "Answers that are right as they are."),
    }
    return _file("promptctl waivers: .promptctl/waivers.yaml", {**closed(keys), "type": ["object", "null"]})


def _entries(keys: Schema, says: str) -> Schema:
    return {"type": ["array", "null"], "items": {**closed(keys), "required": list(keys)}, "description": says}


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "settings": settings_schema,
    "prompt": prompt_schema,
    "input": input_schema,
    "waivers": waivers_schema,
}


def schema(name: str) -> Schema:
    """The schema of that name. Raises UserError, with a suggestion, where there is none."""
    if name not in SCHEMAS:
        raise UserError(f"no schema '{name}'.", hint=suggestion(name, SCHEMAS))
    return SCHEMAS[name]()


# The pieces


def _file(title: str, body: Schema) -> Schema:
    return {"$schema": DIALECT, "title": title, **body}


def _named(values: Schema, says: str) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": values, "description": says}


def _texts(says: str) -> Schema:
    items = {"type": "string", "pattern": r"\S"}
    return {"type": ["array", "string", "null"], "items": items, "pattern": r"\S", "description": says}


def _section(name: str, paths: list[str], section: Any) -> Schema:
    keys = {path.partition(".")[2]: path for path in paths}
    found = {key: _setting(path, getattr(section, key)) for key, path in keys.items()}
    return {**closed(found), "type": ["object", "null"], "description": _SAYS[name]}


def _setting(path: str, default: Any) -> Schema:
    """One setting, by the reader that reads it."""
    said = {"description": _SAYS[path], **({} if default is None else {"default": default})}
    reader = SCALARS[path]
    bounds: Mapping[str, Any] = reader.keywords if isinstance(reader, partial) else {}
    kind = reader.func if isinstance(reader, partial) else reader
    if kind is Fields.choice:
        return {"enum": [*bounds["choices"], None], **said}
    names = {"minimum": "minimum", "maximum": "maximum", "above": "exclusiveMinimum"}
    limits = {names[key]: value for key, value in bounds.items() if key in names}
    if kind in {Fields.integer, Fields.number}:
        return {"type": ["integer" if kind is Fields.integer else "number", "null"], **limits, **said}
    if kind is Fields.flag:
        return {"type": ["boolean", "null"], **said}
    if kind is Fields.text:
        return {**_TEXT, **said}
    if kind is model_name:
        return {**_MODEL, **said}
    if path.endswith((".timeout", ".time_limit")):
        return {**_SOME_TIME, **said}
    if isinstance(default, float):
        return {**_DURATION, "minimum": 0, **said}
    return {"type": ["string", "null"], "pattern": "^(sqlite:///|postgres(ql)?([+]psycopg)?://).", **said}


def _params(says: str) -> Schema:
    return {**closed({name: _param(name) for name in sorted(ALLOWED_PARAMS)}), "type": ["object", "null"]} | {
        "description": says
    }


def _param(name: str) -> Schema:
    """What the reader takes for a parameter, asked of the reader itself."""

    def refused(value: Any) -> bool:
        return bool(param_problems({name: value}, name))

    if not refused("text"):
        return {}
    kind = "integer" if refused(0.5) else "number"
    return {"type": [kind, "null"], **({"minimum": 1} if refused(0) else {})}


def _provider() -> Schema:
    limits = {key: {"type": ["number", "null"], "exclusiveMinimum": 0} for key in _LIMITS}
    return {
        **closed(
            {
                "api_base": {"type": ["string", "null"], "pattern": "^https?://[^\\s@?#]+$"},
                "api_key_env": {
                    "type": ["string", "null"],
                    "pattern": "^[A-Z_][A-Z0-9_]{1,63}$",
                    "description": "The name of the environment variable that holds the key, never the key.",
                },
                "rate_limit": {**closed(limits), "type": ["object", "null"]},
            }
        ),
        "type": ["object", "null"],
    }


_LIMITS = ("requests_per_minute", "tokens_per_minute")


def _price() -> Schema:
    amount = {"type": "number", "minimum": 0, "description": "US dollars a million tokens."}
    keys = ("input_per_million", "output_per_million")
    return {**closed(dict.fromkeys(keys, amount)), "required": list(keys)}


def _message() -> Schema:
    part = {"type": "object", "required": ["type"]}
    return {
        **closed(
            {
                "role": {"enum": list(ROLES)},
                "content": {
                    "anyOf": [
                        {"type": "string"},
                        {"type": "array", "minItems": 1, "items": part},
                        {"type": "null"},
                    ],
                    "description": "A template, or OpenAI content parts.",
                },
                "name": _TEXT,
                "tool_calls": {"type": ["array", "null"], "items": {"type": "object", "required": ["function"]}},
                "tool_call_id": _TEXT,
                "cache_control": {"type": ["object", "null"]},
            }
        ),
        "required": ["role"],
        "anyOf": [{"required": ["content"]}, {"required": ["tool_calls"]}],
    }


def _variables() -> Schema:
    kinds = list(TYPES)
    declared = closed(
        {
            "type": {"enum": [*kinds, None]},
            "default": {},
            "required": {"type": ["boolean", "null"]},
            "description": {"type": ["string", "null"]},
        }
    )
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": {"anyOf": [{"enum": kinds}, declared, {"type": "null"}]},
        "description": "Types, defaults and whether a variable is required.",
    }


def _assertions(says: str) -> Schema:
    return {"type": ["array", "null"], "items": {"$ref": "#/$defs/assertion"}, "description": says}
