"""Answers in the store: who was asked what, and what came back."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.models.call import SCHEME, Call, Kind, Origin, Reply, Usage
from promptctl.store.columns import (
    column_json,
    column_optional_text,
    column_text,
    count_column,
    json_column,
    optional_text,
    text_column,
)
from promptctl.store.sql import Connection

_BATCH = 500  # SQLite's oldest limit on the parameters of a statement is 999.
_COLUMNS = (
    "fingerprint, request, scheme, model, sample, against, text, tool_calls, finish_reason, input_tokens, "
    "output_tokens, reasoning_tokens, cached_tokens, audio_input_tokens, audio_output_tokens, cost_usd, latency_ms, "
    "answered_by, system_fingerprint, created, attempts, details"
)
_INSERT = f"INSERT INTO answers ({_COLUMNS}) VALUES ({', '.join('?' * 22)})"  # noqa: S608 - constants
READ = (
    "fingerprint, text, tool_calls, finish_reason, input_tokens, output_tokens, reasoning_tokens, cached_tokens, "
    "audio_input_tokens, audio_output_tokens, cost_usd, latency_ms, answered_by, system_fingerprint, created, "
    "attempts, details"
)


@dataclass(frozen=True, slots=True)
class ModelStats:
    """The answers of one model, as it was asked for. `cost_usd` sums the known costs; `unpriced` counts the others."""

    model: str
    answers: int
    cost_usd: float
    unpriced: int


@dataclass(frozen=True, slots=True)
class AnswerStats:
    """What a store holds. `bytes` is its size on disk; `oldest` and `newest` are seconds since the epoch."""

    answers: int
    calls: int
    bytes: int
    models: tuple[ModelStats, ...]
    oldest: float | None
    newest: float | None


def insert_answers(connection: Connection, answers: Sequence[tuple[Call, Reply]]) -> None:
    """Keep answers, each beside those that were given before, and the requests behind them once."""
    calls = {call.request: call for call, _ in answers}
    connection.executemany(
        "INSERT INTO requests (request, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
        ((request, json_column(_request(call))) for request, call in calls.items()),
    )
    connection.executemany(_INSERT, (_row(call, reply) for call, reply in answers))


def latest_answers(connection: Connection, fingerprints: Collection[str], since: float | None) -> dict[str, Reply]:
    """The last answer to each call that has one, of those given at `since` or later.

    The last is the one that arrived last, whatever its date says: a clock that once jumped ahead must not make one
    answer the newest for ever.
    """
    found: dict[str, Reply] = {}
    for batch in _batches(fingerprints):
        marks = ", ".join("?" * len(batch))
        rows = connection.execute(
            f"SELECT {READ} FROM answers WHERE id IN (SELECT max(id) FROM answers"  # noqa: S608 - only marks are put in
            f" WHERE fingerprint IN ({marks}) AND created >= ? GROUP BY fingerprint)",
            (*batch, float("-inf") if since is None else since),
        )
        found.update(map(reply_of, rows))
    return found


def stored_request(connection: Connection, request: str) -> Mapping[str, Any] | None:
    """The request behind a base fingerprint: model, messages, params, tools, response_format, endpoint."""
    row = connection.execute("SELECT body FROM requests WHERE request = ?", (request,)).fetchone()
    return None if row is None else column_json(row[0])


def answer_stats(connection: Connection, size: int) -> AnswerStats:
    """What the store holds; `size` is its size on disk."""
    answers, calls, oldest, newest = connection.execute(
        "SELECT count(*), count(DISTINCT fingerprint), min(created), max(created) FROM answers"
    ).fetchone()
    models = connection.execute(
        "SELECT model, count(*), coalesce(sum(cost_usd), 0.0), count(*) - count(cost_usd) FROM answers"
        " GROUP BY model ORDER BY count(*) DESC, model"
    )
    return AnswerStats(
        answers=answers,
        calls=calls,
        bytes=size,
        models=tuple(ModelStats(column_text(model), *rest) for model, *rest in models),
        oldest=oldest,
        newest=newest,
    )


def _batches(fingerprints: Collection[str]) -> Iterator[tuple[str, ...]]:
    remaining: Iterable[str] = iter(dict.fromkeys(fingerprints))
    return iter(lambda: tuple(itertools.islice(remaining, _BATCH)), ())


def _request(call: Call) -> dict[str, Any]:
    request = {
        "model": call.model,
        "messages": list(call.messages),
        "params": dict(call.params),
        "tools": list(call.tools),
        "response_format": call.response_format,
        "endpoint": call.endpoint,
    }
    return request if call.kind is Kind.CHAT else {**request, "kind": call.kind.value}


def _row(call: Call, reply: Reply) -> tuple[Any, ...]:
    usage = reply.usage
    return (
        call.fingerprint,
        call.request,
        SCHEME,
        text_column(call.model),
        call.sample,
        call.against,
        text_column(reply.text),
        json_column(list(reply.tool_calls)) if reply.tool_calls else None,
        optional_text(reply.finish_reason),
        count_column(usage.input),
        count_column(usage.output),
        count_column(usage.reasoning),
        count_column(usage.cached),
        count_column(usage.audio_input),
        count_column(usage.audio_output),
        reply.cost_usd,
        reply.latency_ms,
        optional_text(reply.model),
        optional_text(reply.system_fingerprint),
        reply.created,
        reply.attempts,
        _details(reply),
    )


def _details(reply: Reply) -> str | bytes | None:
    found = {"logprobs": list(reply.logprobs), "metadata": dict(reply.metadata)}
    held = {name: value for name, value in found.items() if value}
    return json_column(held) if held else None


def reply_of(row: tuple[Any, ...]) -> tuple[str, Reply]:
    """A row of READ's columns -> fingerprint and answer."""
    fingerprint, text, tool_calls, finish_reason, *counts, cost, latency, model, system, created, attempts, told = row
    details = {} if told is None else column_json(told)
    return fingerprint, Reply(
        text=column_text(text),
        usage=Usage(*counts),
        cost_usd=cost,
        latency_ms=latency,
        model=column_optional_text(model),
        finish_reason=column_optional_text(finish_reason),
        tool_calls=tuple(column_json(tool_calls)) if tool_calls is not None else (),
        system_fingerprint=column_optional_text(system),
        created=created,
        origin=Origin.CACHE,
        attempts=attempts,
        logprobs=tuple(details.get("logprobs", ())),
        metadata=details.get("metadata", {}),
    )
