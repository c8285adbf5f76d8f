"""A loopback provider in OpenAI's shape: scripted answers, scripted faults, counts.

In a test: `with Provider() as provider: ...` (the server runs in a thread), then `provider.config(...)`, `provider.stats()`.
As a script: `python tests/provider.py [PORT]`; it prints `PORT n` when it is ready.

POST */chat/completions   answers by the rules below
POST */embeddings         a unit vector for each text (16 numbers, or `dimensions`): texts that share words lie close
POST */moderations        flags each text that holds FLAG=<category>, in that category
GET  /stats               input_tokens and output_tokens (billed: also where the answer is lost on its way), calls, ok, faults, now, peak, distinct, dup, by_model, keys, first_ms, last_ms, last_headers, last_body
POST /config              any of DEFAULTS, or {"reset": true}; a share is a fraction of calls, picked by a seeded generator

Rules, over the text T of all the messages; the last match of a rule wins:
  B64=<base64>      the decoded bytes
  ANSWER=<word>     the word
  TOOL=<name>       a call of that tool, with empty arguments
  FLIP              "yes" or "no" at random (`flaky` is the share of "no")
  a judge's request (its texts stand between lines <NAME TOKEN> and </NAME TOKEN>) comes before all of these: the first of
                    `judge` ([substring, answer]) that the user's messages hold, with @ID@ as the token (a list of
                    substrings: those that the whole request holds, all of them); of several answers
                    one is drawn by the messages and how often they came, whatever else is asked meanwhile
  otherwise         the first of `answers` ([substring, answer]) that matches, else "echo: " and the last user message
  LONG              an answer of random length, of at most `long` tokens and of what the request allows
  REASON            also counts 400 reasoning tokens in the usage
"""

import asyncio
import base64
import functools
import json
import math
import random
import re
import struct
import sys
import threading
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

DEFAULTS: dict[str, Any] = {
    "latency_ms": 0.0,
    "jitter_ms": 0.0,
    "slow_after": None,  # from so many answers (`ok`) on, each takes `slow_ms` longer, those already asked for too
    "slow_ms": 60_000.0,
    "fail_429": 0.0,
    "fail_500": 0.0,
    "hang": 0.0,
    "garbage": 0.0,
    "drop": 0.0,
    "empty": 0.0,  # choices: []
    "null": 0.0,  # content: null
    "flaky": 0.5,
    "retry_after": 1,  # seconds, fractions, an HTTP date, or None for no header
    "retry_after_ms": None,
    "fail_first": 0,  # the first n calls with the same messages get a 429
    "fail_next": 0,  # the next n calls of all get a 429
    "status": None,  # one of STATUSES, or a number: what every call gets
    "model": "",  # `status` only for calls to this model
    "where": "",  # `status` only for calls whose text holds this
    "long": 1000,
    "limit": None,  # so many requests, which grow back in `limit_seconds`; one too many gets a 429
    "limit_seconds": 1.0,
    "limit_headers": "openai",  # or "anthropic" or "": how an answer tells what is left
    "answers": [],
    "judge": [],
    "usage": True,
    "finish_reason": "stop",
    "instead": {},  # keys of a completion in place of those that stand there
    "seed": 1,
}
STATUSES: dict[str, tuple[int, dict[str, Any]]] = {
    "unauthorized": (
        401,
        {
            "message": "Incorrect API key provided: sk-wrong-123456789012345678",
            "type": "invalid_request_error",
            "code": "invalid_api_key",
        },
    ),
    "forbidden": (403, {"message": "You are not allowed to use this model.", "type": "permission_error"}),
    "not_found": (
        404,
        {"message": "The model `nope` does not exist", "type": "invalid_request_error", "code": "model_not_found"},
    ),
    "context_length": (
        400,
        {
            "message": "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
            "type": "invalid_request_error",
            "param": "messages",
            "code": "context_length_exceeded",
        },
    ),
    "content_policy": (
        400,
        {
            "message": "Your request was rejected as a result of our safety system.",
            "type": "invalid_request_error",
            "code": "content_policy_violation",
        },
    ),
    "insufficient_quota": (
        429,
        {
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "type": "insufficient_quota",
            "code": "insufficient_quota",
        },
    ),
    "bad_request": (
        400,
        {"message": "Invalid value for 'temperature'.", "type": "invalid_request_error", "param": "temperature"},
    ),
    "unprocessable": (422, {"message": "Unprocessable.", "type": "invalid_request_error"}),
    "overloaded": (503, {"message": "The engine is overloaded.", "type": "server_error"}),
}


class Provider:
    """The server, its rules and its counts. One thread, one event loop; not one byte leaves the loopback interface."""

    def __init__(self, port: int = 0, **config: Any) -> None:
        self.port = port
        self._config: dict[str, Any] = {}
        self._stats: dict[str, Any] = {}
        self._seen: dict[str, int] = {}
        self._level = (0.0, 0.0)  # requests that are left, and when that was
        self._random = random.Random(1)
        self._start = config
        self._connections: set[_Connection] = set()
        self._stopping: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), name="provider", daemon=True)
        self.reset()

    @property
    def url(self) -> str:
        """The api_base to give to a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def calls(self) -> int:
        return int(self._stats["calls"])

    def wait(self) -> None:
        """Until it listens."""
        if not self._ready.wait(60):
            raise TimeoutError("the loopback provider did not start")

    def config(self, **changes: Any) -> None:
        """Change what the next calls meet; as POST /config."""
        unknown = changes.keys() - DEFAULTS.keys()
        if unknown:
            raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
        self._config.update(changes)
        if "seed" in changes:
            self._random.seed(changes["seed"])

    def reset(self) -> None:
        """As new: the first configuration, no counts."""
        self._config = {**DEFAULTS, **self._start}
        self._random.seed(self._config["seed"])
        self._seen.clear()
        self._level = (math.inf, 0.0)
        self._stats = {"calls": 0, "ok": 0, "faults": 0, "now": 0, "peak": 0, "dup": 0, "by_model": {}, "keys": {}}
        self._stats |= {"input_tokens": 0, "output_tokens": 0}
        self._stats |= {"first_ms": 0.0, "last_ms": 0.0, "last_headers": {}, "last_body": None}

    def stats(self) -> dict[str, Any]:
        """What was asked so far; as GET /stats."""
        return {**self._stats, "distinct": len(self._seen)}

    def __enter__(self) -> Self:
        self._thread.start()
        self.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(60)

    async def serve(self) -> None:
        """Until `__exit__`, or for ever."""
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", self.port, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for connection in list(self._connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # connection_lost runs in the next turn of the loop

    def opened(self, connection: "_Connection") -> None:
        self._connections.add(connection)

    def closed(self, connection: "_Connection") -> None:
        self._connections.discard(connection)

    def handle(self, connection: "_Connection", method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        """One whole request."""
        if path == "/stats":
            connection.send(200, self.stats())
        elif path == "/config":
            changes = json.loads(body or b"{}")
            if changes.pop("reset", False):
                self.reset()
            self.config(**changes)
            connection.send(200, self._config)
        elif path.endswith("/models"):
            connection.send(200, {"object": "list", "data": [{"id": "fake", "object": "model"}]})
        elif method == "POST" and path.endswith(("/chat/completions", "/embeddings", "/moderations")):
            self._complete(connection, headers, body)
        else:
            connection.send(404, {"error": {"message": f"no such path {path}", "type": "invalid_request_error"}})

    def _complete(self, connection: "_Connection", headers: dict[str, str], body: bytes) -> None:
        stats = self._stats
        stats["calls"] += 1
        stats["now"] += 1
        stats["peak"] = max(stats["peak"], stats["now"])
        stats["last_ms"] = time.time() * 1000
        stats["first_ms"] = stats["first_ms"] or stats["last_ms"]
        stats["last_headers"] = headers
        key = headers.get("authorization", "")
        stats["keys"][key] = stats["keys"].get(key, 0) + 1
        try:
            query = json.loads(body)
        except ValueError:
            query = None
        if not isinstance(query, dict):
            self._finish(connection, 400, {"error": {"message": "bad json"}}, fault=True)
            return
        stats["last_body"] = query
        stats["by_model"][query.get("model")] = stats["by_model"].get(query.get("model"), 0) + 1
        times = self._count(json.dumps(query.get("messages", query.get("input"))))
        share = self._random.random()
        wait = (self._config["latency_ms"] + self._config["jitter_ms"] * self._random.random()) / 1000
        if wait:
            self._loop.call_later(wait, self._respond, connection, query, times, share)
        else:
            self._respond(connection, query, times, share)

    def _count(self, messages: str) -> int:
        times = self._seen.get(messages, 0) + 1
        self._seen[messages] = times
        self._stats["dup"] += times > 1
        return times

    def _respond(
        self, connection: "_Connection", query: dict[str, Any], times: int, share: float, *, slowed: bool = False
    ) -> None:
        config = self._config
        if config["slow_after"] is not None and self._stats["ok"] >= config["slow_after"] and not slowed:
            later = functools.partial(self._respond, connection, query, times, share, slowed=True)
            self._loop.call_later(config["slow_ms"] / 1000, later)
            return
        text = "\n".join([*(_text(message.get("content")) for message in query.get("messages", [])), *_inputs(query)])
        if config["status"] is not None and config["where"] in text and config["model"] in {"", query.get("model")}:
            self._finish(connection, *_status(config["status"]), headers=self._retry_after(), fault=True)
        elif times <= config["fail_first"] or not self._within_limit():
            self._limited(connection)
        elif config["fail_next"] > 0:
            config["fail_next"] -= 1
            self._limited(connection)
        else:
            self._lottery(connection, query, text, share)

    def _within_limit(self) -> bool:
        limit = self._config["limit"]
        if limit is None:
            return True
        level, at = self._level
        now = time.monotonic()
        level = min(limit, level + (now - at) * limit / self._config["limit_seconds"])
        self._level = (level - 1 if level >= 1 else level, now)
        return bool(level >= 1)

    def _limit_headers(self) -> dict[str, str]:
        limit, style = self._config["limit"], self._config["limit_headers"]
        if limit is None or not style:
            return {}
        left = int(self._level[0])
        full = (limit - self._level[0]) * self._config["limit_seconds"] / limit
        if style == "openai":
            said: dict[str, Any] = {
                "limit-requests": limit,
                "remaining-requests": left,
                "reset-requests": f"{full * 1000:.0f}ms",
            }
            return {f"x-ratelimit-{name}": str(value) for name, value in said.items()}
        date = datetime.fromtimestamp(time.time() + full, UTC).isoformat().replace("+00:00", "Z")
        said = {"limit": limit, "remaining": left, "reset": date}
        return {f"anthropic-ratelimit-requests-{name}": str(value) for name, value in said.items()}

    def _lottery(self, connection: "_Connection", query: dict[str, Any], text: str, share: float) -> None:
        edge = 0.0
        for fault in ("fail_429", "fail_500", "hang", "garbage", "drop", "empty", "null"):
            edge += self._config[fault]
            if share < edge:
                self._fault(connection, fault, query, text)
                return
        self._stats["ok"] += 1
        self._finish(connection, 200, self._answer(query, text))

    def _answer(self, query: dict[str, Any], text: str) -> dict[str, Any]:
        if "messages" in query:
            return self._completion(query, text)
        return _moderation(query) if "moderation" in str(query.get("model")) else _embedding(query)

    def _fault(self, connection: "_Connection", fault: str, query: dict[str, Any], text: str) -> None:
        if fault == "fail_429":
            self._limited(connection)
        elif fault == "fail_500":
            self._finish(connection, 500, {"error": {"message": "internal error", "type": "server_error"}}, fault=True)
        elif fault == "garbage":
            self._finish(connection, 200, '{"id":"x","choices":[{"mess', fault=True)
        elif fault in {"empty", "null"}:
            completion = self._completion(query, text)
            if fault == "empty":
                completion["choices"] = []
            else:
                completion["choices"][0]["message"] = {"role": "assistant", "content": None}
            self._finish(connection, 200, completion, fault=True)
        else:
            self._stats["now"] -= 1
            self._stats["faults"] += 1
            self._answer(query, text)
            if fault == "drop":
                connection.transport.abort()

    def _limited(self, connection: "_Connection") -> None:
        error = {"message": "rate limited", "type": "rate_limit_error", "code": "rate_limit_exceeded"}
        self._finish(connection, 429, {"error": error}, headers=self._retry_after(), fault=True)

    def _retry_after(self) -> dict[str, str]:
        named = {"retry-after": self._config["retry_after"], "retry-after-ms": self._config["retry_after_ms"]}
        return {name: str(value) for name, value in named.items() if value is not None}

    def _finish(
        self,
        connection: "_Connection",
        status: int,
        body: Any,
        *,
        headers: dict[str, str] | None = None,
        fault: bool = False,
    ) -> None:
        self._stats["now"] -= 1
        self._stats["faults"] += fault
        connection.send(status, body, {**(headers or {}), **self._limit_headers()})

    def _completion(self, query: dict[str, Any], text: str) -> dict[str, Any]:
        message = self._message(query, text)
        input_tokens = -(-len(text) // 4)
        reasoning = 400 if "REASON" in text else 0
        output_tokens = max(1, -(-len(message.get("content") or "") // 4)) + reasoning
        self._stats["input_tokens"] += input_tokens
        self._stats["output_tokens"] += output_tokens
        completion = {
            "id": f"chatcmpl-{self._stats['calls']}",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": query.get("model"),
            "system_fingerprint": "fp_loopback",
            "choices": [
                {"index": 0, "message": message, "finish_reason": self._config["finish_reason"], "logprobs": None}
            ],
        }
        if self._config["usage"]:
            completion["usage"] = {
                "prompt_tokens": input_tokens,
                "completion_tokens": output_tokens,
                "total_tokens": input_tokens + output_tokens,
                "completion_tokens_details": {"reasoning_tokens": reasoning},
                "prompt_tokens_details": {"cached_tokens": 0},
            }
        return completion | self._config["instead"]

    def _message(self, query: dict[str, Any], text: str) -> dict[str, Any]:
        if found := re.findall(r"TOOL=(\w+)", text):
            function = {"name": found[-1], "arguments": "{}"}
            return {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
            }
        return {"role": "assistant", "content": self._words(query, text)}

    def _words(self, query: dict[str, Any], text: str) -> str:
        token = re.search(r"\n</[\w-]+ ([0-9a-f]{12})>", text)
        if token and self._config["judge"]:
            shown = "\n".join(_text(one.get("content")) for one in query["messages"] if one.get("role") == "user")
            rules = ((parts, answer) for parts, answer in self._config["judge"])
            found: Any = next(
                (
                    answer
                    for parts, answer in rules
                    if (parts in shown if isinstance(parts, str) else all(part in text for part in parts))
                ),
                "no rule",
            )
            if isinstance(found, list):
                times = self._seen[json.dumps(query["messages"])]
                found = random.Random(f"{self._config['seed']} {times} {shown}").choice(found)
            return str(found).replace("@ID@", token[1])
        if found := re.findall(r"B64=([A-Za-z0-9+/=]*)", text):
            return base64.b64decode(found[-1]).decode("utf-8", "replace")
        if found := re.findall(r"ANSWER=(\S*)", text):
            return str(found[-1])
        if "LONG" in text:
            most = query.get("max_completion_tokens") or query.get("max_tokens") or self._config["long"]
            return "x" * (4 * self._random.randint(1, min(most, self._config["long"])))
        if "FLIP" in text:
            return "no" if self._random.random() < self._config["flaky"] else "yes"
        for part, answer in self._config["answers"]:
            if part in text:
                return str(answer)
        said = [message for message in query.get("messages", []) if message.get("role") == "user"]
        return "echo: " + (_text(said[-1].get("content")) if said else "")


def _inputs(query: dict[str, Any]) -> list[str]:
    """The texts of an embedding or a moderation."""
    given = query.get("input", [])
    return [given] if isinstance(given, str) else [str(one) for one in given]


def _embedding(query: dict[str, Any]) -> dict[str, Any]:
    texts, size = _inputs(query), query.get("dimensions") or 16
    vectors = [_vector(text, size) for text in texts]
    if query.get("encoding_format") == "base64":
        data: list[Any] = [base64.b64encode(struct.pack(f"<{size}f", *vector)).decode() for vector in vectors]
    else:
        data = vectors
    tokens = -(-sum(map(len, texts)) // 4)
    return {
        "object": "list",
        "model": query.get("model"),
        "data": [{"object": "embedding", "index": n, "embedding": one} for n, one in enumerate(data)],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _vector(text: str, size: int) -> list[float]:
    """The sum of a direction for each word."""
    words = re.findall(r"\w+", text.lower()) or [""]
    sums = [sum(random.Random(f"{word}/{n}").gauss(0, 1) for word in words) for n in range(size)]
    length = math.sqrt(sum(one * one for one in sums))
    return [one / length for one in sums]


def _moderation(query: dict[str, Any]) -> dict[str, Any]:
    results = []
    for text in _inputs(query):
        found = set(re.findall(r"FLAG=([\w/-]+)", text))
        categories = {name: name in found for name in sorted({"violence", "hate", *found})}
        scores = {name: 0.9 if flagged else 0.01 for name, flagged in categories.items()}
        results.append({"flagged": bool(found), "categories": categories, "category_scores": scores})
    return {"id": "modr-1", "model": query.get("model"), "results": results}


class _Connection(asyncio.Protocol):
    """One keep-alive connection: just enough of HTTP/1.1 for JSON with a Content-Length."""

    transport: asyncio.Transport

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.provider.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.provider.closed(self)

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            first, *lines = self.data[:end].decode("latin-1").split("\r\n")
            headers = {
                name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            size = end + 4 + int(headers.get("content-length", "0"))
            if len(self.data) < size:
                return
            body, self.data = self.data[end + 4 : size], self.data[size:]
            method, path, _ = first.split(" ", 2)
            self.provider.handle(self, method, path, headers, body)

    def send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        payload = (body if isinstance(body, str) else json.dumps(body)).encode()
        lines = [f"HTTP/1.1 {status} Scripted", "content-type: application/json", f"content-length: {len(payload)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if not self.transport.is_closing():
            self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)


def _status(status: int | str) -> tuple[int, dict[str, Any]]:
    number, error = STATUSES[status] if isinstance(status, str) else (status, {"message": f"status {status}"})
    return number, {"error": error}


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


async def _main(port: int) -> None:
    provider = Provider(port)
    serving = asyncio.create_task(provider.serve())
    await asyncio.to_thread(provider.wait)
    sys.stdout.write(f"PORT {provider.port}\n")
    sys.stdout.flush()
    await serving


if __name__ == "__main__":
    try:
        asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    except KeyboardInterrupt:
        sys.exit(130)
