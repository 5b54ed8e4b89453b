"""What goes wrong on the wire, with the real SDK over a real socket: what is raised, whether the message may have
gone out, whether it is worth another try. And never a number, a code or a secret in what is raised or logged."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import socket
import ssl
import traceback
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.core import errors
from gateway.core.errors import ConnectorError
from gateway.providers.aliyun_sms.driver import AliyunSmsDriver
from gateway.providers.aliyun_sms.wire.errors import ERRORS
from tests.providers.aliyun_sms import scripted_server as wire
from tests.providers.aliyun_sms.driver_setup import (
    CODE,
    KEY_ID,
    PHONE,
    SECRET,
    deadline_in,
    driver_for,
    message,
    no_render,
)
from tests.support.tiers import nth_fast

REQUEST_ID = "4EF0A3C2-0000-4000-8000-D1A1B1C1D1E1"


async def failure(driver: AliyunSmsDriver, seconds: float = 5) -> ConnectorError:
    """What a send raises; its text is searched for what must not be in it."""
    try:
        with pytest.raises(ConnectorError) as raised:
            await driver.send(message(), no_render, deadline_in(seconds))
    finally:
        await driver.close()
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = f"{error!s} {error!r} {error.data} {''.join(traceback.format_exception(error))}"
    assert not [word for word in (PHONE, CODE, SECRET, KEY_ID) if word in shown]
    assert error.provider == "aliyun-sms"
    assert error.data["maybeSent"] is error.maybe_sent
    return error


def refusal(code: str, **more: str) -> dict[str, str]:
    """An answer whose text holds what a gateway's text does hold: the string to sign."""
    text = f"server string to sign is:PhoneNumbers={PHONE}&TemplateParam={CODE}"
    return {"Code": code, "RequestId": REQUEST_ID, "Message": text, **more}


REFUSALS = [
    (200, "isv.BUSINESS_LIMIT_CONTROL", errors.RateLimited),
    (200, "isv.DAY_LIMIT_CONTROL", errors.UsageLimited),
    (200, "isv.MOBILE_NUMBER_ILLEGAL", errors.RecipientRefused),
    (200, "isv.SMS_TEMPLATE_ILLEGAL", errors.ContentRefused),
    (200, "isv.AMOUNT_NOT_ENOUGH", errors.AccountRefused),
    (200, "isp.SYSTEM_ERROR", errors.ProviderFailed),
    (200, "isv.NOBODY_KNOWS_THIS", errors.Refused),
    (400, "SignatureDoesNotMatch", errors.CredentialsRefused),
    (400, "Throttling.User", errors.Throttled),
    (403, "Forbidden.RAM", errors.AccountRefused),
    (404, "InvalidAccessKeyId.NotFound", errors.CredentialsRefused),
    (429, "Throttling", errors.Throttled),
    (500, "InternalError", errors.ProviderFailed),
    (503, "ServiceUnavailable", errors.ProviderFailed),
    (503, "SomethingNew", errors.ProviderFailed),
]


@pytest.mark.parametrize(("status", "code", "kind"), nth_fast(REFUSALS, 4, several=True))
async def test_a_code_other_than_ok_is_raised_as_its_class_with_code_and_request_id(
    status: int, code: str, kind: type[ConnectorError]
) -> None:
    async with wire.scripted(wire.answer(status, refusal(code))) as server:
        error = await failure(driver_for(server.address))
    assert type(error) is kind
    assert (error.provider_code, error.request_id, error.retry_after) == (code, REQUEST_ID, None)
    assert code in error.message


async def test_every_code_that_the_fake_can_give_is_raised_as_the_table_says() -> None:
    codes = iter(ERRORS.items())

    async def next_row(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        code, row = next(codes)
        await wire.answer(row.status, refusal(code))(reader, writer)

    async with wire.scripted(next_row) as server:
        raised = {code: await failure(driver_for(server.address)) for code in ERRORS}
    assert {code: type(error) for code, error in raised.items()} == {c: row.means for c, row in ERRORS.items()}
    assert {code: error.provider_code for code, error in raised.items()} == {code: code for code in ERRORS}


async def test_a_throttle_says_in_seconds_when_to_come_back() -> None:
    play = wire.answer(429, refusal("Throttling.User"), "x-acs-retry-after: 1500")
    async with wire.scripted(play) as server:
        error = await failure(driver_for(server.address))
    assert type(error) is errors.Throttled
    assert error.retryable
    assert error.retry_after == 1.5


async def test_an_error_in_lower_case_keys_is_understood() -> None:
    body = {"code": "Throttling.Api", "requestId": REQUEST_ID, "message": "no"}
    async with wire.scripted(wire.answer(400, body)) as server:
        error = await failure(driver_for(server.address))
    assert type(error) is errors.Throttled
    assert error.request_id == REQUEST_ID


UNREADABLE = {
    "html": wire.answer(502, b"<html>Bad Gateway</html>", "Content-Type: text/html"),
    "html with 200": wire.answer(200, b"<html>Log in to the hotel's network</html>"),
    "no content": wire.raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    "empty": wire.answer(200, b""),
    "empty 500": wire.answer(500, b""),
    "half a json": wire.answer(200, b'{"Code": "OK", "Requ'),
    "array": wire.answer(200, [1]),
    "array 400": wire.answer(400, [1]),
    "null": wire.answer(200, None),
    "null 500": wire.answer(500, None),
    "string": wire.answer(200, "OK"),
    "number": wire.answer(400, 7),
    "no request id": wire.answer(200, {"Code": "OK", "Message": "OK", "BizId": "1^0"}),
    "no code": wire.answer(200, {"RequestId": REQUEST_ID, "Message": "OK", "BizId": "1^0"}),
    "no request id 400": wire.answer(400, {"Code": "Throttling.User"}),
    "no code 400": wire.answer(400, {"RequestId": REQUEST_ID}),
    "empty object 400": wire.answer(400, {}),
    "code is a number": wire.answer(200, {"RequestId": REQUEST_ID, "Code": 5}),
    "code is a text": wire.answer(200, {"RequestId": REQUEST_ID, "Code": f"no {PHONE}"}),
    "request id is a text": wire.answer(400, {"RequestId": f"to {PHONE}", "Code": "Throttling"}),
    "refused with the code OK": wire.answer(400, {"RequestId": REQUEST_ID, "Code": "OK"}),
    "broken utf-8": wire.answer(200, b'{"Code": "OK\xff"}'),
    "not gzip": wire.answer(200, b"not gzip", "Content-Encoding: gzip"),
    "not http": wire.raw(b"220 mail.example.com ESMTP\r\n"),
    "too many headers": wire.raw(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"),
    "half a head": wire.raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "unknown status": wire.answer(799, {"RequestId": REQUEST_ID, "Code": f"{PHONE}"}),
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


LOST = {
    "reset": wire.reset,
    "end of stream": wire.fin,
    "half a body": wire.answer(200, b'{"Code":"OK"', "Content-Length: 500"),
    "half a chunk": wire.answer(200, b'40\r\n{"Code":"OK"', "Transfer-Encoding: chunked"),
}


@pytest.mark.parametrize("play", LOST.values(), ids=LOST.keys())
async def test_a_connection_that_breaks_may_have_sent_the_message(play: wire.Play) -> None:
    async with wire.scripted(play) as server:
        error = await failure(driver_for(server.address))
        assert server.connections == 1
    assert type(error) is errors.ConnectionLost
    assert error.maybe_sent
    assert not error.retryable


async def test_a_reset_before_the_request_is_lost_unless_it_came_before_the_connection_was_there() -> None:
    async with wire.scripted(wire.reset_at_once) as server:
        error = await failure(driver_for(server.address))
    assert (type(error), error.maybe_sent) in [(errors.ConnectionLost, True), (errors.Unreachable, False)]


async def test_silence_ends_at_the_timeout_and_may_have_sent_the_message() -> None:
    async with wire.scripted(wire.hang) as server:
        error = await failure(driver_for(server.address, timeout_seconds=0.1))
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
    async with wire.scripted(wire.drip) as server:
        error = await failure(driver_for(server.address, timeout_seconds=1), seconds=0.3)
    assert type(error) is errors.TimedOut
    assert error.maybe_sent


async def test_a_refused_connection_certainly_sent_nothing() -> None:
    error = await failure(driver_for(f"127.0.0.1:{wire.free_port()}"))
    assert type(error) is errors.Unreachable
    assert error.retryable
    assert not error.maybe_sent


async def test_a_name_that_does_not_resolve_certainly_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, f"no such host for {PHONE}")

    await failure(driver_for(f"127.0.0.1:{wire.free_port()}"))  # the SDK is loaded before names stop resolving
    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    for driver in (driver_for("sms.invalid:80"), driver_for(None, endpoint="sms.invalid")):
        assert type(await failure(driver)) is errors.Unreachable


async def test_a_name_that_cannot_be_one_certainly_sent_nothing() -> None:
    assert type(await failure(driver_for(f"{'a' * 64}.invalid:80"))) is errors.Unreachable


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
    async with wire.scripted(wire.answer(200, {})) as server:
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
        assert proxy.requests[0].startswith(b"CONNECT dysmsapi.aliyuncs.com:443 ")


async def test_an_untrusted_certificate_certainly_sent_nothing(tmp_path: Path) -> None:
    listener = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=self_signed(tmp_path)
    )
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        error = await failure(driver_for(None, endpoint=f"127.0.0.1:{port}"))
    assert type(error) is errors.Unreachable


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = dt.datetime.now(dt.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    file = folder / "cert.pem"
    encryption = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    file.write_bytes(private + built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_redirect_is_an_answer_so_the_message_may_have_gone_out() -> None:
    elsewhere = f"Location: http://127.0.0.1:{wire.free_port()}/"
    async with wire.scripted(wire.answer(302, b"", elsewhere)) as server:
        error = await failure(driver_for(server.address))
    assert type(error) is errors.InvalidResponse


async def test_nothing_that_the_sdk_would_print_reaches_a_log_or_the_terminal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEBUG", "sdk")
    caplog.set_level(logging.DEBUG)
    broken_header = wire.answer(400, refusal("SignatureDoesNotMatch"), "this is not a header")
    for play in (wire.answer(400, refusal("SignatureDoesNotMatch")), broken_header, wire.fin):
        async with wire.scripted(play) as server:
            await failure(driver_for(server.address))
    printed = capfd.readouterr()
    shown = caplog.text + printed.out + printed.err
    assert not [word for word in (PHONE, CODE, SECRET, KEY_ID, "x-acs-action") if word in shown]
