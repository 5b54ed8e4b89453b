"""Providers that hang, break, overflow, or are not where a provider may be."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable

import pytest

from gateway.core.errors import (
    ConnectionLost,
    ConnectorError,
    InvalidConfig,
    InvalidResponse,
    TimedOut,
    Unreachable,
)
from gateway.providers.oauth2.driver.calls import Calls, is_public
from tests.providers.aliyun_sms import scripted_server as raw
from tests.providers.oauth2.scripted_provider import Said, scripted


async def call(url: str, *, private: bool = True, seconds: float = 5.0) -> bytes:
    calls = Calls(seconds, seconds, private=private)
    try:
        return (await calls.get(url)).body
    finally:
        await calls.close()


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (raw.fin, ConnectionLost),
        (raw.reset, ConnectionLost),
        (raw.answer(200, b"{", "Content-Length: 100"), ConnectionLost),
        (raw.raw(b"this is no HTTP\r\n\r\n"), InvalidResponse),
        (raw.raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), InvalidResponse),
        (raw.raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"), InvalidResponse),
    ],
    ids=["fin", "reset", "truncated", "no HTTP", "length", "header"],
)
async def test_a_broken_answer_is_an_error_of_the_tree(play: raw.Play, kind: type[ConnectorError]) -> None:
    async with raw.scripted(play) as server:
        with pytest.raises(ConnectorError) as caught:
            await call(f"http://{server.address}/")
    assert type(caught.value) is kind


@pytest.mark.parametrize("play", [raw.hang, raw.drip], ids=["hang", "drip"])
async def test_a_call_is_over_in_time(play: raw.Play) -> None:
    async with raw.scripted(play) as server:
        with pytest.raises(TimedOut):
            await call(f"http://{server.address}/", seconds=0.1)


async def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        await call(f"http://127.0.0.1:{raw.free_port()}/")


async def test_an_answer_over_a_mebibyte_is_refused() -> None:
    async with scripted(big=Said("x" * (1 << 20)), bigger=Said("x" * ((1 << 20) + 1))) as provider:
        assert len(await call(f"{provider.url}/big")) == 1 << 20
        with pytest.raises(InvalidResponse, match="1 MiB"):
            await call(f"{provider.url}/bigger")


async def test_an_answer_without_end_is_refused() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(raw.END)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await writer.drain()

    async with raw.scripted(play) as server:
        with pytest.raises(InvalidResponse, match="1 MiB"):
            await call(f"http://{server.address}/")


async def test_a_compressed_answer_is_not_unpacked() -> None:
    body = gzip.compress(b"{}")
    play = raw.answer(200, body, "Content-Encoding: gzip")
    async with raw.scripted(play) as server:
        with pytest.raises(InvalidResponse, match="compressed"):
            await call(f"http://{server.address}/")
    assert b"Accept-Encoding: identity" in server.requests[0]


@pytest.mark.parametrize(
    "place",
    [
        lambda port: f"127.0.0.1:{port}",
        lambda port: f"localhost:{port}",
        lambda port: f"[::1]:{port}",
        lambda port: f"[::ffff:127.0.0.1]:{port}",
        lambda port: f"0.0.0.0:{port}",
        lambda port: f"2130706433:{port}",
        lambda port: f"0x7f.1:{port}",
        lambda _: "10.0.0.1",
        lambda _: "169.254.169.254",
        lambda _: "[fe80::1]",
        lambda _: "[fec0::1]",
        lambda _: "[64:ff9b::10.0.0.1]",
        lambda _: "[64:ff9b:1::1]",
        lambda _: "[2002:7f00:1::1]",
        lambda _: "[::127.0.0.1]",
        lambda _: "224.0.0.1",
    ],
    ids=range(16),
)
async def test_a_live_connector_calls_no_private_address_unless_told_to(place: Callable[[int], str]) -> None:
    async with raw.scripted(raw.answer(200, b"{}")) as server:
        port = int(server.address.rpartition(":")[2])
        with pytest.raises(InvalidConfig, match="allow_private_addresses"):
            await call(f"http://{place(port)}/", private=False)
    assert server.connections == 0


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"])
def test_public_addresses_are_told_from_private_ones(address: str) -> None:
    assert is_public(address)
