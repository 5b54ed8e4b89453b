"""HTTP as clients of all kinds speak it, down to the bytes."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.support import toy
from tests.support.raw_http import request
from tests.support.running_gateway import RunningGateway

CHUNKED = {"Transfer-Encoding": "chunked", "Content-Length": "", "Content-Type": "application/json"}


def chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


# --- answers ------------------------------------------------------------------------------------------------


async def test_a_fakes_headers_keep_their_order_and_case_and_no_server_is_named(server: RunningGateway) -> None:
    answer = await server.capture("13800138000")
    names = [line.partition(":")[0] for line in answer.lines]
    assert names == ["X-toy-ID", "Content-Type", "x-LAST", "Date", "Content-Length"]
    assert answer.first == "HTTP/1.1 200 OK"


@pytest.mark.parametrize("target", ["/healthz", "/api/clock", "/nothing", "/fakes/toy/"])
async def test_nothing_tells_which_server_this_is(server: RunningGateway, target: str) -> None:
    answer = await server.ask("GET", target)
    assert answer.header("server") is None
    assert "aiohttp" not in str(answer).lower()


async def test_head_answers_the_head_alone(server: RunningGateway) -> None:
    client = await server.open()
    for target in ("/healthz", "/api/clock", "/fakes/toy/", "/nothing"):
        answer = await client.ask("HEAD", target)
        assert int(answer.header("content-length") or 0) > 0
    assert (await client.ask("GET", "/healthz")).json() == {"status": "ok"}
    await client.close()


async def test_head_of_the_events_does_not_stream(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(request("HEAD", "/api/events"))
    await client.head()
    assert (await client.rest()) == b""
    await client.close()


async def test_a_204_has_no_body_and_no_length(server: RunningGateway) -> None:
    await server.ask("POST", "/api/faults", {"answer": {"status": 204, "body": "ignored"}})
    client = await server.open()
    answer = await client.ask("POST", "/fakes/toy/", {})
    assert (answer.status, answer.header("content-length")) == (204, None)
    assert (await client.ask("GET", "/healthz")).status == 200
    await client.close()


async def test_a_line_break_in_a_header_does_not_split_the_answer(server: RunningGateway) -> None:
    await server.ask("POST", "/api/faults", {"error": {"code": "x", "message": "a\r\nX-Evil: 1"}})
    assert (await server.capture("13800138000")).header("x-evil") is None


# --- connections --------------------------------------------------------------------------------------------


async def test_a_connection_is_used_again_and_again(server: RunningGateway) -> None:
    client = await server.open()
    for _ in range(3):
        assert (await client.ask("GET", "/api/clock")).status == 200
        assert (await client.ask("POST", "/fakes/toy/", {})).status == 200
        assert (await client.ask("GET", "/nothing")).status == 404
        assert (await client.ask("POST", "/api/clock", b"{")).status == 400
    await client.close()


async def test_connection_close_is_kept(server: RunningGateway) -> None:
    client = await server.open()
    answer = await client.ask("GET", "/healthz", headers={"Connection": "close"})
    assert answer.header("connection") == "close"
    assert await client.rest() == b""
    await client.close()


async def test_an_http_1_0_client_gets_its_answer_and_a_close(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (await client.answer()).json() == {"status": "ok"}
    assert await client.rest() == b""
    await client.close()


async def test_an_http_1_0_client_that_wants_to_stay_is_told_that_it_may(server: RunningGateway) -> None:
    """Without the header it waits for the close, which then comes only after 30 idle seconds (ab -k)."""
    client = await server.open()
    await client.send(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    answer = await client.answer()
    assert (answer.header("connection") or "").lower() in {"keep-alive", "close"}
    await client.close()


async def test_pipelined_requests_are_answered_in_order(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(
        request("GET", "/healthz")
        + request("POST", "/fakes/toy/", {"to": "13800138000", "code": "1"})
        + request("GET", "/nothing")
        + request("POST", "/api/recipients", {})
    )
    assert [(await client.answer()).status for _ in range(4)] == [200, 200, 404, 201]
    await client.close()


async def test_a_hundred_pipelined_requests_are_all_answered(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(request("GET", "/healthz") * 100)
    assert {(await client.answer()).status for _ in range(100)} == {200}
    await client.close()


async def test_an_upgrade_that_we_do_not_know_is_answered_as_usual(server: RunningGateway) -> None:
    """Java's HttpClient offers h2c with its first request, also with a body."""
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    client = await server.open()
    assert (await client.ask("GET", "/healthz", headers=offer)).status == 200
    assert (await client.ask("GET", "/healthz")).status == 200
    await client.close()
    client = await server.open()
    answer = await client.ask("POST", "/fakes/toy/", {"to": "13800138000", "code": "777777"}, offer)
    assert answer.json() == {"ok": True}
    assert server.script.requests[0].body == b'{"to": "13800138000", "code": "777777"}'
    assert (await client.ask("GET", "/healthz")).status == 200
    await client.close()


# --- request bodies -----------------------------------------------------------------------------------------


async def test_expect_100_continue_is_answered_before_the_body(server: RunningGateway) -> None:
    for target, body in (("/fakes/toy/", b'{"to": "13800138000"}'), ("/api/recipients", b"{}")):
        client = await server.open()
        whole = request("POST", target, body, {"Expect": "100-continue"})
        await client.send(whole[: -len(body)])
        assert (await client.answer()).status == 100
        await client.send(body)
        assert (await client.answer()).status in {200, 201}
        await client.close()


async def test_a_body_that_is_too_long_is_refused_instead_of_100_continue(server: RunningGateway) -> None:
    client = await server.open()
    headers = {"Expect": "100-continue", "Content-Length": "2000000", "Content-Type": "application/json"}
    await client.send(request("POST", "/api/recipients", None, headers))
    assert (await client.answer()).status == 413
    await client.close()


@pytest.mark.parametrize(
    "body",
    [
        chunks(b'{"to": "1380', b'0138000", "code": "1"}'),
        chunks(b'{"to": "13800138000", "code": "1"}', end=b"0\r\nX-Trailer: 1\r\n\r\n"),
        b"22;ext=1\r\n" + b'{"to": "13800138000", "code": "1"}' + b"\r\n0\r\n\r\n",
    ],
)
async def test_a_chunked_body_is_read_whole(server: RunningGateway, body: bytes) -> None:
    client = await server.open()
    await client.send(request("POST", "/fakes/toy/", None, CHUNKED) + body)
    assert (await client.answer()).json() == {"ok": True}
    assert json.loads(server.script.requests[0].body) == {"to": "13800138000", "code": "1"}
    assert (await client.ask("GET", "/healthz")).status == 200
    await client.close()


async def test_an_empty_chunked_body_is_an_empty_body(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(request("POST", "/fakes/toy/", None, CHUNKED) + chunks())
    assert (await client.answer()).status == 200
    assert server.script.requests[0].body == b""
    await client.send(request("POST", "/api/recipients", None, CHUNKED) + chunks())
    assert (await client.answer()).status == 201
    await client.close()


async def test_a_fakes_body_is_not_decompressed(server: RunningGateway) -> None:
    packed = gzip.compress(b"{}")
    await server.ask("POST", "/fakes/toy/", packed, {"Content-Encoding": "gzip"})
    assert server.script.requests[0].body == packed


@pytest.mark.parametrize("length", [toy.MAX_BODY, toy.MAX_BODY + 1])
async def test_a_fake_is_told_of_a_body_over_its_bound(server: RunningGateway, length: int) -> None:
    whole = b'{"x": "' + b"x" * (length - 9) + b'"}'
    assert len(whole) == length
    answer = await server.ask("POST", "/fakes/toy/", whole)
    assert server.script.requests[0].oversized is (length > toy.MAX_BODY)
    assert answer.status == (413 if length > toy.MAX_BODY else 200)


async def test_a_chunked_body_over_the_bound_is_told_too(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(request("POST", "/fakes/toy/", None, CHUNKED) + chunks(*[b"x" * 65536] * 33))
    assert (await client.answer()).json() == {"error": "TooBig"}
    await client.close()


# --- limits and broken requests -----------------------------------------------------------------------------


async def test_a_line_of_nearly_512_kib_and_a_header_of_nearly_64_are_fine(server: RunningGateway) -> None:
    line, header = "x" * 500_000, "x" * 64_000
    await server.ask("GET", f"/fakes/toy/?a={line}", headers={"X-Long": header})
    (seen,) = server.script.requests
    assert seen.target == f"/fakes/toy/?a={line}"
    assert seen.header("x-long") == header


BROKEN = [
    b"GET /" + b"x" * 600_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: 1\r\n" * 1000 + b"\r\n",
    b"nonsense\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"GET /13800138000 HTTP/1.1\r\nHost localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n X: folded\r\nA\x00B: 1\r\n\r\n",
    b"POST /fakes/toy/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /fakes/toy/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"POST /fakes/toy/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /fakes/toy/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
async def test_broken_http_is_a_400_and_a_close(server: RunningGateway, data: bytes) -> None:
    client = await server.open()
    await client.send(data)
    answer = await client.answer()
    assert answer.status == 400
    assert set(answer.json()) == {"code", "message", "data"}
    assert "13800138000" not in answer.body.decode()
    assert answer.header("connection") == "close"
    assert await client.rest() == b""
    await client.close()
    assert (await server.ask("GET", "/healthz")).status == 200


@pytest.mark.parametrize("target", ["/fakes/toy/", "/api/recipients", "/api/clock", "/"])
@pytest.mark.parametrize(
    "body", [b"zz\r\nabc\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n", b"-5\r\n\r\n", b"5;\x00\r\n"]
)
async def test_a_body_with_broken_chunks_gets_one_answer_of_400(
    server: RunningGateway, target: str, body: bytes
) -> None:
    client = await server.open()
    form = {**CHUNKED, "Content-Type": "application/x-www-form-urlencoded"} if target == "/" else CHUNKED
    await client.send(request("POST", target, None, form) + body)
    rest = await client.rest()
    assert rest.startswith(b"HTTP/1.1 400 ")
    assert rest.count(b"HTTP/1.1 ") == 1
    await client.close()


async def test_connect_is_answered_and_never_a_tunnel(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
    assert (await client.answer()).status in {400, 404, 405}
    await client.close()
