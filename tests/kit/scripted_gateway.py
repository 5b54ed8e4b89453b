"""A stand-in for the gateway that answers what a test tells it to, and keeps what it was asked.

It proves what the client sends and what it makes of an answer, nothing about the gateway: that is
test_with_the_real_server.py.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: Any

    @property
    def line(self) -> str:
        return f"{self.method} {urlsplit(self.target).path}"

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass(frozen=True)
class Told:
    """One answer to give. ``lost``: close the connection instead."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    lost: bool = False


@dataclass
class Scripted:
    """Answers come in the order in which they were told; the last one is given again and again."""

    answers: deque[Told] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)

    def tell(self, document: object, status: int = 200) -> None:
        self.answers.append(Told(status, json.dumps(document).encode()))

    def tell_text(self, text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> None:
        self.answers.append(Told(status, text.encode(), content_type))

    def tell_nothing(self) -> None:
        self.answers.append(Told(lost=True))

    def refuse(self, status: int, code: str, message: str = "no", **data: object) -> None:
        self.tell({"code": code, "message": message, "data": data}, status)

    @property
    def lines(self) -> list[str]:
        return [one.line for one in self.asked]

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(script: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            script.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
            told = script.answers.popleft() if len(script.answers) > 1 else script.answers[0]
            if told.lost:
                self.close_connection = True
                return
            self.send_response(told.status)
            self.send_header("Content-Type", told.content_type)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    return Handler
