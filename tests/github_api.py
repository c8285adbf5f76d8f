"""GitHub's API for the comments of one pull request, on loopback: what the action needs, with GitHub's rules."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class GitHub:
    """Comments in order; `status` is what every call gets instead, where it is set."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.status: int | None = None
        self.calls: list[str] = []
        self.tokens: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            do_POST = do_PATCH = do_GET  # noqa: N815 - the base class's names

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, body: str, kind: str = "User") -> None:
        self.comments.append({"id": len(self.comments) + 1, "body": body, "user": {"type": kind}})

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.calls.append(f"{handler.command} {handler.path}")
        self.tokens.add(str(handler.headers["Authorization"]))
        status, value = (self.status, {"message": "no"}) if self.status else self._do(handler, data)
        payload = json.dumps(value).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)

    def _do(self, handler: BaseHTTPRequestHandler, data: bytes) -> tuple[int, Any]:
        body = json.loads(data)["body"] if data else ""
        if len(body) > 65_536:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        if handler.command == "GET":
            page = int(re.search(r"[?&]page=(\d+)", handler.path)[1])
            return 200, self.comments[(page - 1) * 100 : page * 100]
        if handler.command == "POST":
            self.add(body, "Bot")
            return 201, self.comments[-1]
        number = int(handler.path.rpartition("/")[2])
        self.comments[number - 1]["body"] = body
        return 200, self.comments[number - 1]
