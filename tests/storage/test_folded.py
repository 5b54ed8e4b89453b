"""What is kept folded is the same document, in either store, at once and later."""

from __future__ import annotations

import json
import marshal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.core.folded import Folded
from gateway.core.mail import Mail
from gateway.core.model import Capture, Channel, Content, Document, Recipient, Request, Response, Verdict
from gateway.inbox.exchanges import Exchange
from gateway.storage.memory import MemoryStore
from gateway.storage.ports import Store
from gateway.storage.sqlite import open_sqlite

RECIPIENT = Recipient(Channel.SMS, "+1 305", ("+1305", "+861305"))
REQUEST = Request(
    "POST", "/?a=b", "", "http", "h:1", (("a", "b"), ("A", "ü")), b"\xff{}", "::1", 1.5, "ex_1", oversized=True
)
EXCHANGE = Exchange(
    "toy",
    REQUEST,
    Response(
        400,
        (("X", "y"),),
        "{“}".encode(),
        verdict=Verdict(accepted=False, code="No", recipients=(RECIPIENT,), explanation={"hint": ["x"]}),
    ),
    1.7504,
)
CAPTURE = Capture(
    "toy",
    "Send",
    RECIPIENT,
    Content("Your code is 246810", "Hi", "<p>Hi</p>"),
    "ex_1",
    2.25,
    details={"a": 1},
    details_later=lambda: {"b": [None, True, {"c": 1.5}]},
    mail=Mail("a@b.c", ("d@e.f",)),
)


@pytest_asyncio.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    store: Store = MemoryStore() if request.param == "memory" else await open_sqlite(tmp_path / "gateway.db")
    yield store
    await store.close()


def plain(document: Document) -> Document:
    found: Document = json.loads(json.dumps(document))
    return found


@pytest.mark.parametrize(
    ("folded", "document"),
    [
        (EXCHANGE.folded(), EXCHANGE.document()),
        (CAPTURE.folded(), CAPTURE.document()),
        (CAPTURE.folded({"code": "246810", "more": 1}), {**CAPTURE.document(), "code": "246810", "more": 1}),
    ],
    ids=["exchange", "capture", "known"],
)
async def test_a_store_gives_back_the_document(store: Store, folded: Folded, document: Document) -> None:
    await store.log.append("s", folded, ("k",))
    async with store.batch() as batch:
        batch.append("s", folded)
    await store.log.append("s", document)
    one, two, three = [plain(entry.value) for entry in await store.log.read("s")]
    assert one == two == three == plain(document)
    assert plain(folded()) == one
    assert list(one) == list(document), "the order is for people"


async def test_no_reader_changes_what_another_one_gets() -> None:
    store = MemoryStore()
    await store.log.append("s", EXCHANGE.folded())
    for _ in range(2):
        (entry,) = await store.log.read("s")
        assert entry.value["to"] == ["+1 305"]
        entry.value["to"].append("somebody else")
        entry.value["explanation"].clear()


@pytest.mark.parametrize("folded", [EXCHANGE.folded(), CAPTURE.folded()], ids=["exchange", "capture"])
def test_folded_it_is_smaller_and_holds_nothing_but_plain_values(folded: Folded) -> None:
    assert len(marshal.dumps(folded.parts())) < len(marshal.dumps(folded()))
    json.dumps(folded.parts(), allow_nan=False)
