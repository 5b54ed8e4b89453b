"""Server-sent events: the tail of the log, resumable, honest about what is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from tests.support.raw_http import RawConnection, request
from tests.support.running_gateway import RunningGateway, running

SEND = {"to": "13800138000", "type": "SignIn", "payload": {"code": "135790"}}


class Event(NamedTuple):
    name: str
    id: int
    data: Any


async def follow(
    server: RunningGateway, query: str = "", headers: Mapping[str, str] | None = None
) -> RawConnection:
    client = await server.open()
    await client.send(request("GET", f"/api/events{query}", None, headers))
    first, lines = await client.head()
    assert first == "HTTP/1.1 200 OK"
    assert "Content-Type: text/event-stream; charset=utf-8" in lines
    assert await client.until(b"\n\n") == b": open\n\n"
    return client


async def event(client: RawConnection) -> Event:
    while True:
        text = (await client.until(b"\n\n")).decode()
        if not text.startswith(":"):
            break
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    assert set(fields) == {"event", "id", "data"}
    return Event(fields["event"], int(fields["id"]), json.loads(fields["data"]))


async def test_events_come_in_the_order_of_the_log_across_streams(server: RunningGateway) -> None:
    client = await follow(server)
    await server.ask("POST", "/api/connectors/toy/send", SEND)
    found = [await event(client) for _ in range(5)]
    assert [one.name for one in found] == ["message", "message", "capture", "exchange", "message"]
    assert [one.id for one in found] == sorted(one.id for one in found)
    assert all(one.data["cursor"] == one.id for one in found)
    assert found[2].data["code"] == "135790"
    assert found[0].data["event"] == "requested"
    assert found[4].data["event"] == "sent"


async def test_without_a_cursor_it_starts_from_now(server: RunningGateway) -> None:
    await server.capture("13800138000", "111111")
    client = await follow(server)
    await server.capture("13800138000", "222222")
    assert (await event(client)).data["code"] == "222222"


async def test_it_resumes_after_the_last_event_id(server: RunningGateway) -> None:
    for code in ("111111", "222222"):
        await server.capture("13800138000", code)
    first = await event(await follow(server, "?after=0"))
    assert first.data["code"] == "111111"
    resumed = await follow(server, "?after=0", {"Last-Event-ID": str(first.id)})
    names = [(await event(resumed)) for _ in range(3)]
    assert [one.name for one in names] == ["exchange", "capture", "exchange"]
    assert names[1].data["code"] == "222222"


async def test_a_last_event_id_that_is_none_is_refused(server: RunningGateway) -> None:
    for value in ("x", "-1", "1.5", "9" * 30, "١"):
        answer = await server.ask("GET", "/api/events", headers={"Last-Event-ID": value})
        assert (answer.status, answer.code) == (400, "request.invalid")


async def test_a_gap_is_told_and_what_is_kept_still_follows() -> None:
    async with running(retention={"count": 3}) as server:
        for n in range(6):
            await server.ask("POST", "/fakes/toy/", {"op": "Query", "to": "13800138000"})
            await server.capture("13800138000", str(n))
        client = await follow(server, "?after=1")
        gap = await event(client)
        assert gap.name == "gap"
        assert gap.data["after"] == 1
        rest = [await event(client) for _ in range(6)]
        assert [one.data["code"] for one in rest if one.name == "capture"] == ["3", "4", "5"]
        assert [one.id for one in rest] == sorted(one.id for one in rest)


async def test_a_reader_that_keeps_up_is_never_told_of_a_gap() -> None:
    async with running(retention={"count": 3}) as server:
        client = await follow(server)
        for n in range(10):
            await server.capture("13800138000", str(n))
            assert [(await event(client)).name for _ in range(2)] == ["capture", "exchange"]


@pytest.mark.slow
async def test_a_long_backlog_arrives_whole_for_a_reader_that_reads(server: RunningGateway) -> None:
    """12 MB: more than may pile up unread, but this reader reads."""
    text = "x" * 20_000
    for n in range(300):
        await server.capture("13800138000", str(n), text=text)
    client = await follow(server, "?after=0")
    found = [await event(client) for _ in range(600)]
    assert [one.data["code"] for one in found if one.name == "capture"] == [str(n) for n in range(300)]


async def test_more_events_than_a_page_arrive_in_order(server: RunningGateway) -> None:
    client = await follow(server, "?after=0")
    for n in range(150):
        await server.capture("13800138000", str(n))
    ids = [(await event(client)).id for _ in range(300)]
    assert ids == list(range(ids[0], ids[0] + 300))
    late = await follow(server, "?after=0")
    assert [(await event(late)).id for _ in range(300)] == ids


async def test_text_with_line_breaks_stays_one_event(server: RunningGateway) -> None:
    client = await follow(server)
    await server.capture("13800138000", "1", text="a\n\nevent: evil\r\ndata: 短信\u2028")
    one = await event(client)
    assert one.name == "capture"
    assert one.data["text"] == "a\n\nevent: evil\r\ndata: 短信\u2028"


async def test_the_stream_ends_when_the_gateway_stops() -> None:
    async with running() as server:
        client = await follow(server)
        await server.capture("13800138000")
    rest = await client.rest()
    assert rest.endswith(b"\n\n") or rest == b""


async def test_a_reader_that_leaves_disturbs_nobody(server: RunningGateway) -> None:
    for _ in range(5):
        client = await follow(server)
        await client.close()
    stays = await follow(server)
    await server.capture("13800138000", "111111")
    assert (await event(stays)).data["code"] == "111111"
