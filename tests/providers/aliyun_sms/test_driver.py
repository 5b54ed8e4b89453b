"""What the driver sends, as the bytes that the real SDK writes, and what it makes of success."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gateway.core import errors
from gateway.core.model import Receipt, UsageType
from gateway.core.offload import Offload
from gateway.providers.aliyun_sms import driver as driver_module
from gateway.providers.aliyun_sms.driver import AliyunSmsDriver
from gateway.providers.aliyun_sms.settings import AliyunSmsSettings
from tests.providers.aliyun_sms import scripted_server as wire
from tests.providers.aliyun_sms.driver_setup import (
    CODE,
    KEY_ID,
    deadline_in,
    driver_for,
    message,
    no_render,
    settings,
)
from tests.support.tiers import nth_fast

OK = {"Code": "OK", "Message": "OK", "RequestId": "4EF0A3C2-0000-4000-8000-D1A1B1C1D1E1", "BizId": "134523^0"}


async def sent(driver: AliyunSmsDriver, server: wire.Scripted, **how: Any) -> dict[str, str]:
    """Send one message; the query and the headers (lower case) that went out."""
    await driver.send(message(**how), no_render, deadline_in(5))
    await driver.close()
    line, *headers = server.requests[-1].decode().removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    assert method == "POST"
    query = dict(parse_qsl(urlsplit(target).query, strict_parsing=True))
    return query | {name.lower(): value for name, value in (header.split(": ", 1) for header in headers)}


async def test_a_send_carries_number_signature_template_parameters_and_our_message_id() -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        request = await sent(driver_for(server.address), server)
    assert request["PhoneNumbers"] == "8613800138000"
    assert request["SignName"] == "阿里云短信测试"
    assert request["TemplateCode"] == "SMS_2"
    assert json.loads(request["TemplateParam"]) == {"code": CODE}
    assert request["OutId"] == "msg_0001"
    assert request["host"] == server.address
    assert request["x-acs-action"] == "SendSms"
    assert request["authorization"].startswith(f"ACS3-HMAC-SHA256 Credential={KEY_ID},")


async def test_an_accepted_message_gives_a_receipt_with_the_providers_ids() -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        driver = driver_for(server.address)
        receipt = await driver.send(message(), no_render, deadline_in(5))
        await driver.close()
    assert receipt == Receipt("aliyun-sms", "134523^0", OK["RequestId"], "OK")


async def test_an_accepted_message_without_a_biz_id_is_accepted_all_the_same() -> None:
    async with wire.scripted(wire.answer(200, {**OK, "BizId": None})) as server:
        driver = driver_for(server.address)
        receipt = await driver.send(message(), no_render, deadline_in(5))
        await driver.close()
    assert receipt.provider_message_id == ""


NUMBERS = [
    # to, strict, PhoneNumbers, template
    ("13800138000", False, "13800138000", "SMS_2"),
    ("8613800138000", False, "8613800138000", "SMS_2"),
    ("+8613800138000", False, "8613800138000", "SMS_2"),
    ("008613800138000", False, "8613800138000", "SMS_2"),
    ("+86 138-0013-8000", False, "8613800138000", "SMS_2"),
    ("13055550123", False, "13055550123", "SMS_2"),  # +1 305 to people, mainland to Logto and Aliyun
    ("13055550123", True, "13055550123", "SMS_3"),
    ("8613800138000", True, "8613800138000", "SMS_2"),
    ("+13055550123", False, "13055550123", "SMS_3"),
    ("85212345678", False, "85212345678", "SMS_3"),
    ("+852 1234 5678", False, "85212345678", "SMS_3"),
    ("0085212345678", False, "85212345678", "SMS_3"),
    ("4915112345678", False, "4915112345678", "SMS_3"),
]


@pytest.mark.parametrize(("to", "strict", "number", "template"), nth_fast(NUMBERS, 4, several=True))
async def test_the_number_is_sent_as_digits_and_chooses_between_china_and_overseas(
    to: str, strict: bool, number: str, template: str
) -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        config = {"strictPhoneRegionNumberCheck": strict}
        request = await sent(driver_for(server.address, config), server, to=to)
    assert (request["PhoneNumbers"], request["TemplateCode"]) == (number, template)


@pytest.mark.parametrize(
    "to", ["", "a@b.example", "1380013800x", "138001380001234567890123", "１３８００１３８０００"]
)
async def test_what_is_no_number_is_refused_before_anything_is_sent(to: str) -> None:
    driver = driver_for("127.0.0.1:1")
    with pytest.raises(errors.RecipientRefused) as raised:
        await driver.send(message(to=to), no_render, deadline_in(5))
    assert not to or to not in str(raised.value)


async def test_a_usage_type_without_a_template_uses_that_of_generic() -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        request = await sent(driver_for(server.address), server, usage_type=UsageType.BIND_MFA)
    assert request["TemplateCode"] == "SMS_5"


async def test_without_a_generic_template_either_the_template_is_not_found() -> None:
    bare = AliyunSmsSettings(access_key_id="id", access_key_secret="secret", sign_name="s", templates=())
    with pytest.raises(errors.TemplateNotFound, match="BindMfa"):
        await AliyunSmsDriver(bare, "127.0.0.1:1").send(message(usage_type=UsageType.BIND_MFA), no_render, 0)


PAYLOADS = [
    ({"code": "1", "locale": "fr-CA", "uiLocales": "fr-CA fr"}, {"code": "1"}),
    ({"code": "1", "application": {"name": "a"}, "n": 1, "b": True, "z": None, "l": ["x"]}, {"code": "1"}),
    ({"link": "https://a.example/?b=c&d=é", "名": "值"}, {"link": "https://a.example/?b=c&d=é", "名": "值"}),
    ({"code": 'quote " and \\ and \n'}, {"code": 'quote " and \\ and \n'}),
    ({"code": "half \ud83d"}, {"code": "half \ud83d"}),
]


@pytest.mark.parametrize(("payload", "parameters"), PAYLOADS)
async def test_the_parameters_are_the_top_level_strings_without_the_locales(
    payload: dict[str, Any], parameters: dict[str, str]
) -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        request = await sent(driver_for(server.address), server, payload=payload)
    assert json.loads(request["TemplateParam"]) == parameters


async def test_a_payload_without_strings_sends_no_parameters() -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        request = await sent(driver_for(server.address), server, payload={"locale": "en"})
    assert "TemplateParam" not in request


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
@hypothesis_settings(deadline=None)
def test_the_parameters_are_always_json_that_utf8_can_carry(payload: dict[str, Any]) -> None:
    text = driver_module._parameters(payload)
    strings = {k: v for k, v in payload.items() if isinstance(v, str) and k not in ("locale", "uiLocales")}
    assert (json.loads(text.encode()) if text is not None else {}) == strings


async def test_the_old_signature_is_used_when_the_options_ask_for_it() -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        request = await sent(driver_for(server.address, signature_algorithm="v2"), server)
    assert (request["Action"], request["SignatureMethod"]) == ("SendSms", "HMAC-SHA1")
    assert request["AccessKeyId"] == KEY_ID


async def test_temporary_credentials_bring_their_token() -> None:
    async with wire.scripted(wire.answer(200, OK)) as server:
        request = await sent(driver_for(server.address, security_token="sts-token"), server)
    assert request["x-acs-security-token"] == "sts-token"


async def test_a_fake_is_reached_whatever_proxy_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{wire.free_port()}")
    async with wire.scripted(wire.answer(200, OK)) as server:
        request = await sent(driver_for(server.address), server)
    assert request["host"] == server.address


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, "dysmsapi.aliyuncs.com"),
        ({"region_id": "ap-southeast-1"}, "dysmsapi.ap-southeast-1.aliyuncs.com"),
        ({"endpoint": "sms.proxy.example:8443"}, "sms.proxy.example:8443"),
    ],
)
async def test_a_live_connector_speaks_https_to_aliyun(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], host: str
) -> None:
    """A proxy sees where the SDK wants to go, so nothing leaves the machine."""
    async with wire.scripted(wire.raw(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        driver = driver_for(None, **options)
        with pytest.raises(errors.Unreachable):
            await driver.send(message(), no_render, deadline_in(5))
        await driver.close()
    address = host if ":" in host else f"{host}:443"
    assert proxy.requests[0].startswith(f"CONNECT {address} ".encode())


async def test_a_client_and_its_session_are_made_once_for_a_burst_of_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    original = driver_module.sdk.client

    def client(*arguments: Any) -> Any:
        made.append(original(*arguments))
        return made[-1]

    contexts: list[ssl.SSLContext] = []
    new_context = ssl.create_default_context

    def context(*arguments: Any, **named: Any) -> ssl.SSLContext:
        contexts.append(new_context(*arguments, **named))
        return contexts[-1]

    monkeypatch.setattr(driver_module.sdk, "client", client)
    monkeypatch.setattr(ssl, "create_default_context", context)
    async with wire.scripted(wire.answer(200, OK)) as server:
        driver = driver_for(server.address)
        await asyncio.gather(*(driver.send(message(), no_render, deadline_in(5)) for _ in range(20)))
        await driver.close()
    assert len(made) == 1
    assert len(contexts) == 1  # the SDK alone makes one for each call of a first burst, 30 ms each


async def test_a_provider_that_drips_does_not_keep_the_places_of_the_sends_after_it() -> None:
    drips = [True, True]

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (wire.drip if drips and drips.pop() else wire.answer(200, OK))(reader, writer)

    async with wire.scripted(play) as server:
        offload = Offload(limit=2)
        driver = AliyunSmsDriver(settings(), server.address, offload)
        first = [driver.send(message(), no_render, deadline_in(0.5)) for _ in range(2)]
        assert [type(e) for e in await asyncio.gather(*first, return_exceptions=True)] == [errors.TimedOut] * 2
        assert offload.stuck == 2
        receipt = await driver.send(message(), no_render, deadline_in(5))
        assert receipt.provider_code == "OK"
        await driver.close()


async def test_too_many_stuck_sends_refuse_new_ones_as_not_sent() -> None:
    async with wire.scripted(wire.drip) as server:
        driver = AliyunSmsDriver(settings(timeout_seconds=1), server.address, Offload(stuck_limit=1))
        with pytest.raises(errors.TimedOut):
            await driver.send(message(), no_render, deadline_in(0.3))
        with pytest.raises(errors.Unreachable) as raised:
            await driver.send(message(), no_render, deadline_in(5))
        await driver.close()
    assert not raised.value.maybe_sent


@pytest.mark.slow  # a process that loads the SDK
def test_the_driver_imports_no_sdk_before_its_first_send() -> None:
    script = (
        "import sys, gateway.providers.aliyun_sms.driver\n"
        "heavy = {'alibabacloud_dysmsapi20170525', 'darabonba', 'requests', 'urllib3'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
