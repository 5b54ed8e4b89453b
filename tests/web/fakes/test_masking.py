"""A provider says what is shown of its exchanges; where that fails, the one exchange shows nothing, and no other is
lost for it."""

from __future__ import annotations

import pytest

from gateway.core.model import MASK, Request, Response
from tests.support import toy
from tests.support.running_gateway import running


def _hide_twos(request: Request, response: Response) -> tuple[Request, Response]:
    if b'"code": "2' in request.body:
        raise RecursionError("the secret is 246810")
    return request, response


async def test_a_masking_that_fails_hides_its_exchange_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    script = toy.Script()
    async with running({toy.NAME: toy.provider_with(script, masked=_hide_twos)}, script=script) as server:
        for code in ("135790", "246810"):
            assert (await server.capture("13800138000", code)).status == 200
        listed = (await server.ask("GET", "/api/exchanges")).json()["exchanges"]
    hidden, shown = sorted(listed, key=lambda one: len(one["request"]["body"]))
    assert "135790" in shown["request"]["body"]
    assert hidden["request"] == {**shown["request"], "target": MASK, "headers": [], "body": ""}
    assert (hidden["response"]["headers"], hidden["response"]["body"]) == ([], "")
    assert (hidden["accepted"], hidden["to"]) == (True, ["13800138000"])
    assert "RecursionError" in caplog.text
    assert "246810" not in caplog.text
