"""HTTP by hand: the bytes of a request are written by the test, and the answer is read as it came."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

SECONDS = 10.0  # for an answer that must come; never waited for when all is well


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    version: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def xml(self) -> dict[str, str]:
        """The children of the root, by name."""
        root = ElementTree.fromstring(self.body.decode())  # noqa: S314 (written by the server under test)
        return {child.tag: child.text or "" for child in root}

    @property
    def code(self) -> str:
        """``Code`` of the answer, in whatever format."""
        return str(self.xml["Code"] if "xml" in self.headers.get("content-type", "") else self.json["Code"])


def call(url: str, *requests: bytes) -> list[Answer]:
    """Write requests on ONE connection, each after the answer to the one before."""
    parts = urlsplit(url)
    with (
        socket.create_connection((parts.hostname, parts.port or 80), timeout=SECONDS) as connection,
        connection.makefile("rb") as stream,
    ):
        answers = []
        for request in requests:
            connection.sendall(request)
            answers.append(_answer(stream, bodiless=request.startswith(b"HEAD ")))
        return answers


def written(
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]],
    body: bytes = b"",
    *,
    version: str = "HTTP/1.1",
    length: bool = True,
) -> bytes:
    """A request as bytes, headers as given; ``length``: with a Content-Length, which POST needs."""
    lines = [f"{method} {target} {version}", *(f"{name}: {value}" for name, value in headers)]
    if length and (body or method == "POST"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(body: bytes, size: int = 7) -> bytes:
    """The body in chunks, as Node streams it."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _answer(stream: Any, *, bodiless: bool) -> Answer:
    first = re.fullmatch(rb"(HTTP/1\.[01]) ([0-9]{3}) [^\r\n]*\r\n", stream.readline())
    assert first is not None, "the answer does not begin with a status line"
    headers = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = 0 if bodiless else int(headers.get("content-length", "0"))
    return Answer(int(first[2]), headers, stream.read(length), first[1].decode())
