"""A client that costs little: requests made beforehand, raw sockets, keep-alive."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from bench.processes import Server
from gateway.providers.aliyun_sms.wire import signing

# fixtures/sandbox.yaml
_KEY_ID = "sandbox-key-id"
_SECRET = "sandbox-key-secret"


async def run(server: Server, requests: list[bytes], connections: int = 4) -> None:
    """Send all; every answer must be a 200."""
    shares = [requests[at::connections] for at in range(connections)]
    await asyncio.gather(*(_one(server, share) for share in shares))


async def post(server: Server, path: str, body: object) -> Any:
    """One JSON call of the API."""
    async with connection(server) as ask:
        return json.loads(await ask(json_request(server, path, body)))


def json_request(server: Server, path: str, body: object) -> bytes:
    """A POST of the API."""
    text = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    return head.encode() + text


def empty_request(server: Server, path: str) -> bytes:
    """A POST without a body."""
    return f"POST {path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\nContent-Length: 0\r\n\r\n".encode()


def send_sms(server: Server, numbers: str, code: str = "246810") -> bytes:
    """A SendSms as the Python SDK signs it (ACS3), with the sandbox's credentials."""
    host = f"{server.host}:{server.port}"
    query = {
        "PhoneNumbers": numbers,
        "SignName": "网关沙盒",
        "TemplateCode": "SMS_100000001",
        "TemplateParam": json.dumps({"code": code}),
    }
    headers = {
        "accept": "application/json",
        "host": host,
        "user-agent": "bench",
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": signing.EMPTY_HASH,
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": "2017-05-25",
    }
    signed = ";".join(sorted(headers))
    canonical = signing.acs3_canonical_request("POST", "/", query.items(), headers, signed, signing.EMPTY_HASH)
    signature = signing.acs3_signature(_SECRET, signing.acs3_string_to_sign(canonical))
    authorization = f"ACS3-HMAC-SHA256 Credential={_KEY_ID},SignedHeaders={signed},Signature={signature}"
    lines = [f"POST /?{urlencode(query)} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"Authorization: {authorization}", "Content-Length: 0"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@asynccontextmanager
async def connection(server: Server) -> AsyncIterator[Callable[[bytes], Awaitable[bytes]]]:
    """As ``answers``, but it returns the body of a 200."""
    async with answers(server) as whole:

        async def ask(request: bytes) -> bytes:
            head, body = await whole(request)
            assert head.startswith(b"HTTP/1.1 200"), head
            return body

        yield ask


@asynccontextmanager
async def answers(server: Server) -> AsyncIterator[Callable[[bytes], Awaitable[tuple[bytes, bytes]]]]:
    """One that is kept alive, if the server keeps it: what it is given is a request, and it returns the head and
    the body of the answer."""
    reader, writer = await asyncio.open_connection(server.host, server.port, limit=2**20)

    async def ask(request: bytes) -> tuple[bytes, bytes]:
        nonlocal reader, writer
        writer.write(request)
        head, body = await _whole(reader)
        if b"\r\nconnection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection(server.host, server.port, limit=2**20)
        return head, body

    try:
        yield ask
    finally:
        writer.close()


async def _one(server: Server, requests: list[bytes]) -> None:
    async with connection(server) as ask:
        for request in requests:
            await ask(request)


async def _whole(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        return head, await _chunks(reader)
    at = lower.index(b"content-length:")
    length = int(head[at + 15 : head.index(b"\r\n", at)])
    return head, await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while length := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(length + 2))[:-2]
    await reader.readexactly(2)
    return body
