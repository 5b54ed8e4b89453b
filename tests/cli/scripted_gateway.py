"""A gateway that answers what a test told it to: the client half of docs/api.md without the server."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CAPTURE: dict[str, Any] = {
    "id": "cap_1",
    "cursor": 5,
    "provider": "aliyun-sms",
    "operation": "SendSms",
    "channel": "sms",
    "to": "13800138000",
    "readAs": "+8613800138000",
    "readings": ["+8613800138000"],
    "type": "SignIn",
    "locale": None,
    "code": "246810",
    "codeSource": "rendered",
    "subject": None,
    "text": "【测试签名】您的验证码为246810，请勿告知他人。",
    "html": None,
    "connectorId": "sms",
    "messageId": "msg_1",
    "exchangeId": "ex_1",
    "receivedAt": "2026-11-21T10:20:30.123Z",
    "details": {"BizId": "900000000000000001^0", "RequestId": "A0B1"},
}


def capture(cursor: int, **changed: Any) -> dict[str, Any]:
    return {**CAPTURE, "id": f"cap_{cursor}", "cursor": cursor, **changed}


def event(name: str, document: dict[str, Any], cursor: int | None = None) -> str:
    return (
        f"id: {document['cursor'] if cursor is None else cursor}\nevent: {name}\ndata: {json.dumps(document)}\n\n"
    )


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    call: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Scripted:
    """``answers[call]`` are given in order; the last one stays. What was asked is in ``asked``."""

    answers: dict[str, deque[tuple[int, dict[str, str], bytes]]] = field(default_factory=lambda: defaultdict(deque))
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def answer(
        self, call: str, document: Any = None, *, status: int = 200, text: str | None = None, **headers: str
    ) -> None:
        kind = "application/json" if text is None else "text/plain; charset=utf-8"
        body = (json.dumps(document) if text is None else text).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[call].append((status, {"Content-Type": kind, **names}, body))

    def refuse(self, call: str, status: int, code: str, message: str, **data: Any) -> None:
        self.answer(call, {"code": code, "message": message, "data": data}, status=status)

    def take(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(asked)
        waiting = self.answers[asked.call]
        if not waiting:
            return 500, {"Content-Type": "text/plain"}, f"no answer scripted for {asked.call}".encode()
        return waiting.popleft() if len(waiting) > 1 else waiting[0]


@contextmanager
def scripted_gateway() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(f"{self.command} {parts.path}", query, headers, json.loads(raw) if raw else None)
            status, answer_headers, body = script.take(asked)
            self.send_response(status)
            for name, value in answer_headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)  # and then HTTP/1.0 closes: for a stream, a broken connection

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
