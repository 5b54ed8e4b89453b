"""A store that cannot write: 503 for whoever needs it, the truth for everybody else, one line in the log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.core.model import Request, Response, Verdict
from gateway.providers.ports import Context
from gateway.storage.sqlite import SqliteStore
from tests.support import toy
from tests.support.running_gateway import RunningGateway, running
from tests.support.samples import capture

NUMBER, CODE = "13800138000", "246810"
LOST = "the store does not work now: its file or disk is read-only; until it works again, exchanges are not kept"


@pytest_asyncio.fixture
async def server(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[RunningGateway]:
    caplog.set_level(logging.DEBUG)
    async with running(store=f"sqlite:{tmp_path}/gateway.db") as server:
        yield server


def write(server: RunningGateway, *, may: bool) -> None:
    store = server.store
    assert isinstance(store, SqliteStore)
    store._writer._connection.execute(f"PRAGMA query_only = {'OFF' if may else 'ON'}")


@contextmanager
def read_only(server: RunningGateway) -> Iterator[None]:
    write(server, may=False)
    yield
    write(server, may=True)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What our log says, which is nothing about anybody."""
    said = [record.getMessage() for record in caplog.records if record.name == "gateway"]
    for text in (NUMBER, CODE):
        assert text not in "\n".join(said)
    return said


async def exchanges(server: RunningGateway) -> int:
    return len((await server.ask("GET", "/api/exchanges")).json()["exchanges"])


async def test_a_fake_that_cannot_keep_a_capture_answers_503_and_is_no_defect(
    server: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    with read_only(server):
        for _ in range(3):
            answer = await server.capture(NUMBER, CODE)
            assert (answer.status, answer.code) == (503, "store.unavailable")
            assert answer.json()["message"] == "the store does not work now: its file or disk is read-only"
    assert told(caplog) == [LOST]
    assert (await server.capture(NUMBER, CODE)).status == 200
    assert told(caplog) == [LOST, "the store works again; exchanges that were not kept: 3"]
    assert len((await server.ask("GET", f"/api/captures?to={NUMBER}")).json()["captures"]) == 1
    assert await exchanges(server) == 1


async def test_what_a_fake_accepted_is_answered_although_the_exchange_cannot_be_kept(
    server: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    async def accept(request: Request, context: Context) -> Response:
        kept = capture(NUMBER, CODE)
        await context.inbox.add([kept])
        write(server, may=False)
        return toy.answer(200, {"ok": "kept"}, Verdict(True, capture_ids=(kept.id,)))

    server.script.do = accept
    answer = await server.capture(NUMBER, CODE)
    write(server, may=True)
    assert (answer.status, answer.json()) == (200, {"ok": "kept"})
    assert len((await server.ask("GET", f"/api/captures?to={NUMBER}")).json()["captures"]) == 1
    assert await exchanges(server) == 0
    assert told(caplog) == [LOST]


async def test_a_refusal_that_cannot_be_kept_is_a_503(
    server: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    with read_only(server):
        answer = await server.capture(NUMBER, CODE, op="Unknown")
    assert (answer.status, answer.code) == (503, "store.unavailable")
    assert told(caplog) == [LOST]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/connectors/toy/send", {"to": NUMBER, "type": "SignIn", "payload": {"code": CODE}}),
        ("/api/recipients", {}),
        ("/api/reset", {}),
        (f"/api/codes/{NUMBER}", None),
    ],
)
async def test_the_api_answers_503_where_it_must_write(
    server: RunningGateway, caplog: pytest.LogCaptureFixture, path: str, body: object
) -> None:
    await server.capture(NUMBER, CODE)
    with read_only(server):
        answer = await server.ask("POST", path, body)
    assert (answer.status, answer.code) == (503, "store.unavailable")
    assert told(caplog) == []
    assert (await server.ask("POST", f"/api/codes/{NUMBER}")).body == CODE.encode()


async def test_what_is_kept_can_be_read_while_nothing_can_be_written(server: RunningGateway) -> None:
    await server.capture(NUMBER, CODE)
    with read_only(server):
        assert (await server.ask("GET", f"/api/codes/{NUMBER}")).body == CODE.encode()
        assert await exchanges(server) == 1
        assert (await server.ask("GET", "/readyz")).status == 503
