"""What goes wrong on the wire, with unmodified boto3 over a real socket: what is raised, whether the message may
have gone out, whether it is worth another try. And never an address or a secret in what is raised or logged."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from pathlib import Path
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.errors import ConnectorError
from gateway.providers.aws_ses.driver import AwsSesDriver
from gateway.providers.aws_ses.wire.errors import DAILY_QUOTA, ERRORS, V2_TYPES
from tests.providers.aliyun_sms import scripted_server as wire
from tests.providers.aliyun_sms.test_driver_failures import self_signed
from tests.providers.aws_ses.driver_setup import (
    CODE,
    KEY_ID,
    SECRET,
    TO,
    deadline_in,
    driver_for,
    message,
    once_well,
    render,
)
from tests.support.tiers import nth_fast

REQUEST_ID = "4ef0a3c2-0000-4000-8000-d1a1b1c1d1e1"
REQUESTED = f"x-amzn-RequestId: {REQUEST_ID}"


async def failure(driver: AwsSesDriver, seconds: float = 20) -> ConnectorError:
    """What a send raises; its text is searched for what must not be in it."""
    try:
        with pytest.raises(ConnectorError) as raised:
            await driver.send(message(), render, deadline_in(seconds))
    finally:
        await driver.close()
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = f"{error!s} {error!r} {error.data} {''.join(traceback.format_exception(error))}"
    assert not [word for word in (TO, CODE, SECRET, KEY_ID) if word in shown]
    assert error.provider == "aws-ses"
    assert error.data["maybeSent"] is error.maybe_sent
    return error


def refusal(kind: str, status: int, text: str = f"The following identities failed: {TO}", *more: str) -> wire.Play:
    """An answer whose text holds what SES's texts do hold: addresses."""
    return wire.answer(status, {"message": text}, f"x-amzn-ErrorType: {kind}", REQUESTED, *more)


REFUSALS = [
    (400, "MessageRejected", errors.ContentRefused),
    (400, "AccountSuspendedException", errors.AccountRefused),
    (400, "SendingPausedException", errors.AccountRefused),
    (400, "MailFromDomainNotVerifiedException", errors.AccountRefused),
    (404, "NotFoundException", errors.Refused),
    (400, "BadRequestException", errors.Refused),
    (429, "TooManyRequestsException", errors.Throttled),
    (429, "ThrottlingException", errors.Throttled),
    (400, "LimitExceededException", errors.Refused),
    (403, "UnrecognizedClientException", errors.CredentialsRefused),
    (403, "InvalidSignatureException", errors.CredentialsRefused),
    (403, "SignatureDoesNotMatch", errors.CredentialsRefused),
    (403, "ExpiredTokenException", errors.CredentialsRefused),
    (403, "AccessDeniedException", errors.AccountRefused),
    (500, "InternalServiceErrorException", errors.ProviderFailed),
    (503, "SomethingNew", errors.ProviderFailed),
    (400, "SomethingNew", errors.Refused),
]


@pytest.mark.parametrize(("status", "kind", "raised"), nth_fast(REFUSALS, 4, several=True))
async def test_an_error_of_ses_is_raised_as_its_class_with_type_and_request_id(
    status: int, kind: str, raised: type[ConnectorError]
) -> None:
    async with wire.scripted(refusal(kind, status)) as server:
        error = await failure(driver_for(server.address))
        assert len(server.requests) == 1, "the SDK must not try again"
    assert type(error) is raised
    assert (error.provider_code, error.request_id) == (kind, REQUEST_ID)
    assert kind in error.message


async def test_every_type_that_the_fake_can_give_is_raised_as_the_table_says() -> None:
    types = iter(V2_TYPES)

    async def next_type(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind = next(types)
        await refusal(kind, ERRORS[V2_TYPES[kind]].v2_status)(reader, writer)

    raised: dict[str, ConnectorError] = {}
    async with wire.scripted(next_type) as server:
        driver = driver_for(server.address)
        for kind in V2_TYPES:
            with pytest.raises(ConnectorError) as caught:
                await driver.send(message(), render, deadline_in(20))
            raised[kind] = caught.value
        await driver.close()
    assert {kind: type(error) for kind, error in raised.items()} == {
        kind: ERRORS[name].means for kind, name in V2_TYPES.items()
    }
    assert {kind: error.provider_code for kind, error in raised.items()} == {kind: kind for kind in V2_TYPES}


async def test_the_days_quota_is_no_throttle_though_it_has_its_type() -> None:
    async with wire.scripted(refusal("TooManyRequestsException", 429, DAILY_QUOTA)) as server:
        error = await failure(driver_for(server.address))
    assert type(error) is errors.UsageLimited
    assert not error.retryable


async def test_a_throttle_says_in_seconds_when_to_come_back() -> None:
    play = refusal("TooManyRequestsException", 429, "Maximum sending rate exceeded.", "Retry-After: 2")
    async with wire.scripted(play) as server:
        error = await failure(driver_for(server.address))
    assert (type(error), error.retryable, error.retry_after) == (errors.Throttled, True, 2.0)


@pytest.mark.parametrize(
    "header",
    ["MessageRejected:http://internal.amazon.com/coral/", "com.amazonaws.sesv2#MessageRejected"],
)
async def test_a_type_is_understood_in_every_spelling_of_aws(header: str) -> None:
    async with wire.scripted(refusal(header, 400)) as server:
        error = await failure(driver_for(server.address))
    assert (type(error), error.provider_code) == (errors.ContentRefused, "MessageRejected")


async def test_a_type_in_the_body_is_understood_too() -> None:
    async with wire.scripted(wire.answer(400, {"__type": "MessageRejected", "message": TO})) as server:
        error = await failure(driver_for(server.address))
    assert (type(error), error.request_id) == (errors.ContentRefused, None)


MESSAGE_ID = {"MessageId": "010201a1-000000"}
UNREADABLE: dict[str, wire.Play] = {
    "html": wire.answer(502, b"<html>Bad Gateway</html>", "Content-Type: text/html"),
    "html with 200": wire.answer(200, b"<html>Log in to the hotel's network</html>"),
    "html with 403": wire.answer(403, b"<html>Forbidden</html>"),
    "no content": wire.raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    "accepted": wire.answer(202, MESSAGE_ID),
    "empty": wire.answer(200, b""),
    "empty 500": wire.answer(500, b""),
    "half a json": wire.answer(200, b'{"MessageId": "0102'),
    "half a body": wire.answer(200, b'{"MessageId":"0102', "Content-Length: 500"),
    "array": wire.answer(200, [1]),
    "array 400": wire.answer(400, [1]),
    "null": wire.answer(200, None),
    "null 500": wire.answer(500, None),
    "string": wire.answer(200, "OK"),
    "number": wire.answer(400, 7),
    "no message id": wire.answer(200, {"Message": "OK"}),
    "message id is a text": wire.answer(200, {"MessageId": f"sent to {TO}"}),
    "message id is a number": wire.answer(200, {"MessageId": 5}),
    "no type": wire.answer(400, {"message": TO}),
    "empty object 400": wire.answer(400, {}),
    "type is a text": refusal(f"no {TO}", 400),
    "broken utf-8": wire.answer(200, b'{"MessageId": "OK\xff"}'),
    "not gzip": wire.answer(200, b"not gzip", "Content-Encoding: gzip"),
    "not http": wire.raw(b"220 mail.example.com ESMTP\r\n"),
    "too many headers": wire.raw(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"),
    "unknown status": wire.answer(799, {"message": TO}),
}


@pytest.mark.parametrize("play", nth_fast(UNREADABLE.values(), 4), ids=UNREADABLE.keys())
async def test_an_answer_that_cannot_be_read_may_have_sent_the_message(play: wire.Play) -> None:
    async with wire.scripted(play) as server:
        error = await failure(driver_for(server.address))
        assert len(server.requests) == 1
    assert type(error) is errors.InvalidResponse
    assert error.maybe_sent
    assert not error.retryable
    assert error.provider_code is None


LOST: dict[str, wire.Play] = {
    "reset": wire.reset,
    "end of stream": wire.fin,
    "half a chunk": wire.answer(200, b'40\r\n{"MessageId":"0102', "Transfer-Encoding: chunked"),
}


@pytest.mark.parametrize("play", LOST.values(), ids=LOST.keys())
async def test_a_connection_that_breaks_may_have_sent_the_message(play: wire.Play) -> None:
    async with wire.scripted(play) as server:
        error = await failure(driver_for(server.address))
        assert server.connections == 1
    assert type(error) is errors.ConnectionLost
    assert error.maybe_sent
    assert not error.retryable


async def test_silence_ends_at_the_timeout_and_may_have_sent_the_message() -> None:
    async with wire.scripted(wire.hang) as server:
        error = await failure(driver_for(server.address, timeout_seconds=0.1))
        assert server.connections == 1
    assert type(error) is errors.TimedOut
    assert error.maybe_sent


async def test_silence_in_the_middle_of_a_body_ends_at_the_timeout_too() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(wire.END)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
        await asyncio.Event().wait()

    async with wire.scripted(half) as server:
        error = await failure(driver_for(server.address, timeout_seconds=0.1))
    assert type(error) is errors.TimedOut


async def test_a_drip_ends_at_the_deadline_though_no_read_ever_waits_long() -> None:
    async with wire.scripted(once_well(wire.drip)) as server:
        driver = driver_for(server.address, timeout_seconds=1)
        await driver.send(message(), render, deadline_in(20))
        error = await failure(driver, seconds=0.4)
    assert type(error) is errors.TimedOut
    assert error.maybe_sent


async def test_a_refused_connection_certainly_sent_nothing() -> None:
    error = await failure(driver_for(f"127.0.0.1:{wire.free_port()}"))
    assert type(error) is errors.Unreachable
    assert error.retryable
    assert not error.maybe_sent


async def test_a_name_that_does_not_resolve_certainly_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, f"no such host for {TO}")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    for driver in (driver_for("ses.invalid:80"), driver_for(None, endpoint="https://ses.invalid")):
        assert type(await failure(driver)) is errors.Unreachable


async def test_a_connection_that_takes_too_long_certainly_sent_nothing() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:  # Until the queue is full; Linux drops whoever comes then.
            client.setblocking(False)
            client.connect_ex(address)
        error = await failure(driver_for(f"127.0.0.1:{address[1]}", connect_timeout_seconds=0.1))
        for client in waiting:
            client.close()
    assert type(error) is errors.Unreachable


async def test_a_deadline_that_has_passed_sends_nothing() -> None:
    async with wire.scripted(wire.answer(200, MESSAGE_ID)) as server:
        error = await failure(driver_for(server.address), seconds=-1)
        assert server.connections == 0
    assert type(error) is errors.Unreachable


async def test_a_proxy_out_of_reach_certainly_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{wire.free_port()}")
    assert type(await failure(driver_for(None))) is errors.Unreachable


async def test_a_proxy_that_refuses_the_tunnel_certainly_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with wire.scripted(wire.raw(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        assert type(await failure(driver_for(None))) is errors.Unreachable
        assert proxy.requests[0].startswith(b"CONNECT email.eu-west-1.amazonaws.com:443 ")


async def test_an_untrusted_certificate_certainly_sent_nothing(tmp_path: Path) -> None:
    listener = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=self_signed(tmp_path)
    )
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        error = await failure(driver_for(None, endpoint=f"https://127.0.0.1:{port}"))
    assert type(error) is errors.Unreachable


async def test_a_redirect_is_no_success() -> None:
    elsewhere = f"Location: http://127.0.0.1:{wire.free_port()}/"
    async with wire.scripted(wire.answer(302, b"", elsewhere)) as server:
        error = await failure(driver_for(server.address))
    assert type(error) is errors.InvalidResponse


async def test_nothing_that_the_sdk_would_log_reaches_a_log_or_the_terminal(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    broken_header = refusal("MessageRejected", 400, TO, "this is not a header")
    plays: list[Any] = [refusal("MessageRejected", 400), broken_header, wire.fin]
    for play in plays:
        async with wire.scripted(play) as server:
            await failure(driver_for(server.address))
    printed = capfd.readouterr()
    shown = caplog.text + printed.out + printed.err
    assert not [word for word in (TO, CODE, SECRET, KEY_ID, "/v2/email") if word in shown]
