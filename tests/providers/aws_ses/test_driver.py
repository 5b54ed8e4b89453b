"""What the driver sends, as the bytes that unmodified boto3 writes, and what it makes of success."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.model import Content, Receipt, UsageType
from gateway.providers.aws_ses import driver as driver_module
from gateway.providers.aws_ses.driver import AwsSesDriver
from gateway.rendering import Renderer
from gateway.rendering.preview import mail_preview
from gateway.rendering.senders import Mailbox
from tests.providers.aliyun_sms import scripted_server as wire
from tests.providers.aws_ses.driver_setup import (
    CODE,
    KEY_ID,
    MESSAGE_ID,
    OK,
    REQUEST_ID,
    TEMPLATES,
    deadline_in,
    driver_for,
    message,
    once_well,
    render,
)


async def sent(
    config: dict[str, Any] | None = None, rendered: Content | None = None, how: Any = None, **options: Any
) -> dict[str, Any]:
    """Send one message; the JSON that went out, with the headers (lower case) under ``headers``."""
    async with wire.scripted(OK) as server:
        driver = driver_for(server.address, config, **options)
        await driver.send(message(**(how or {})), (lambda: rendered) if rendered else render, deadline_in(20))
        await driver.close()
    head, _, body = server.requests[-1].partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    assert line == "POST /v2/email/outbound-emails HTTP/1.1"
    found: dict[str, Any] = json.loads(body)
    return found | {"headers": {name.lower(): value for name, value in (one.split(": ", 1) for one in headers)}}


def part(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


async def test_a_send_carries_subject_both_texts_the_sender_and_our_message_id() -> None:
    request = await sent()
    headers = request.pop("headers")
    assert request == {
        "FromEmailAddress": "Example <otp@sender.example>",
        "Destination": {"ToAddresses": ["ada.lovelace@example.com"]},
        "Content": {
            "Simple": {
                "Subject": part(f"{CODE} is your code"),
                "Body": {"Text": part(f"Your code is {CODE}"), "Html": part(f"<p>{CODE}</p>")},
            }
        },
        "EmailTags": [{"Name": "gateway-message", "Value": "msg_0001"}],
    }
    assert headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={KEY_ID}/")
    assert "/eu-west-1/ses/aws4_request" in headers["authorization"]


async def test_an_accepted_message_gives_a_receipt_with_the_providers_ids() -> None:
    async with wire.scripted(OK) as server:
        driver = driver_for(server.address)
        receipt = await driver.send(message(), render, deadline_in(20))
        await driver.close()
    assert receipt == Receipt("aws-ses", MESSAGE_ID, REQUEST_ID, "OK")


async def test_an_accepted_message_without_a_request_id_is_accepted_all_the_same() -> None:
    async with wire.scripted(wire.answer(200, {"MessageId": MESSAGE_ID})) as server:
        driver = driver_for(server.address)
        receipt = await driver.send(message(), render, deadline_in(20))
        await driver.close()
    assert receipt.request_id == ""


async def test_what_the_config_has_for_ses_goes_there_as_it_is() -> None:
    arn = "arn:aws:ses:eu-west-1:123456789012:identity/sender.example"
    request = await sent(
        {
            "emailAddressIdentityArn": arn,
            "feedbackForwardingEmailAddress": "bounces@sender.example",
            "feedbackForwardingEmailAddressIdentityArn": f"{arn}2",
            "configurationSetName": "codes",
        }
    )
    assert request["FromEmailAddressIdentityArn"] == arn
    assert request["FeedbackForwardingEmailAddress"] == "bounces@sender.example"
    assert request["FeedbackForwardingEmailAddressIdentityArn"] == f"{arn}2"
    assert request["ConfigurationSetName"] == "codes"


async def test_a_connector_without_an_address_names_no_sender() -> None:
    assert "FromEmailAddress" not in await sent({"emailAddress": ""})


async def test_the_options_give_a_name_and_an_address_for_replies() -> None:
    request = await sent({"emailAddress": "otp@sender.example"}, from_name="Ma Société", reply_to="help@a.example")
    assert request["FromEmailAddress"] == "=?utf-8?b?TWEgU29jacOpdMOp?= <otp@sender.example>"
    assert request["ReplyToAddresses"] == ["help@a.example"]


# --- templates ----------------------------------------------------------------------------------------------


async def test_a_connectors_own_templates_win_and_a_plain_text_is_read_out_of_the_html() -> None:
    simple = (await sent({"templates": TEMPLATES}))["Content"]["Simple"]
    assert simple == {
        "Subject": part(f"Code {CODE}"),
        "Body": {"Text": part(f"Your code: {CODE}"), "Html": part(f"<p>Your code: <b>{CODE}</b></p>")},
    }


OWN_HTML = [
    "<table><tr><td>{{code}}</td><td><a href='https://a.example/'>here</a></table>",
    "<head><title>T</title><body><div style='display:none'>In short</div><p>{{code}} &lt;3</p>",
    "<ul><li>1<li hidden>2</ul><a href=https://a.example/?{{code}}><img></a>",
]


@pytest.mark.parametrize("html", OWN_HTML)
async def test_a_preview_shows_the_mail_that_is_sent(html: str) -> None:
    own = [{"usageType": "SignIn", "subject": "Code\u00a0{{code}}", "content": html}]
    simple = (await sent({"templates": own}))["Content"]["Simple"]
    sender = Mailbox.of("aws-ses", {"templates": own})
    shown = mail_preview(Renderer([]), UsageType.SIGN_IN, sender, payload={"code": CODE}).content
    assert shown is not None
    assert simple["Body"] == {"Text": part(shown.text), "Html": part(shown.html or "")}
    assert "short" not in shown.text


async def test_a_usage_type_without_a_template_uses_that_of_generic() -> None:
    how = {"usage_type": UsageType.BIND_MFA, "payload": {"code": CODE, "user": {"name": "Ada"}}}
    simple = (await sent({"templates": TEMPLATES}, how=how))["Content"]["Simple"]
    assert simple["Subject"] == part("Hello Ada")


async def test_templates_without_generic_leave_a_usage_type_without_one() -> None:
    driver = driver_for("127.0.0.1:1", {"templates": TEMPLATES[:1]})
    with pytest.raises(errors.TemplateNotFound, match="BindMfa"):
        await driver.send(message(usage_type=UsageType.BIND_MFA), render, deadline_in(20))


def localized(tag: str, usage_type: str = "SignIn", **details: str) -> dict[str, Any]:
    return {
        "id": "ignored",
        "languageTag": tag,
        "templateType": usage_type,
        "details": {"subject": f"{tag} {{{{code}}}}", "content": f"<p>{tag}</p>", **details},
    }


@pytest.mark.parametrize(
    ("locale", "wanted"),
    [("fr", "fr"), ("fr-CA", "fr"), ("zh-CN", "zh-CN"), ("zh-TW", "zh-CN"), ("de", "en"), (None, "en")],
)
async def test_a_template_in_the_recipients_language_wins_over_the_connectors(
    locale: str | None, wanted: str
) -> None:
    own = [localized(tag) for tag in ("en", "fr", "zh-CN")]
    payload = {"code": CODE, **({"locale": locale} if locale else {})}
    request = await sent({"templates": TEMPLATES}, how={"payload": payload}, localized_templates=own)
    assert request["Content"]["Simple"]["Subject"] == part(f"{wanted} {CODE}")


async def test_a_localized_template_brings_its_sender_its_replies_and_its_content_type() -> None:
    template = localized(
        "en", sendFrom="{{application.name}}", replyTo="{{application.mail}}", contentType="text/plain"
    )
    payload = {"code": CODE, "application": {"name": "Åpp", "mail": "help@app.example"}}
    request = await sent(how={"payload": payload}, localized_templates=[template])
    assert request["FromEmailAddress"] == "=?utf-8?q?=C3=85pp?= <otp@sender.example>"
    assert request["ReplyToAddresses"] == ["help@app.example"]
    assert request["Content"]["Simple"]["Body"] == {"Text": part("<p>en</p>")}


async def test_a_localized_template_may_name_a_whole_sender() -> None:
    request = await sent(localized_templates=[localized("en", "Generic", sendFrom="Other <x@other.example>")])
    assert request["FromEmailAddress"] == "Other <x@other.example>"


async def test_a_tenant_without_a_template_for_it_leaves_the_connectors_own() -> None:
    request = await sent({"templates": TEMPLATES}, localized_templates=[localized("en", "BindMfa")])
    assert request["Content"]["Simple"]["Subject"] == part(f"Code {CODE}")


# --- recipients and what must not go out --------------------------------------------------------------------


RECIPIENTS = [
    ("Ada@Example.COM", "Ada@Example.COM"),
    ("ada@münchen.example", "ada@xn--mnchen-3ya.example"),
    ("ada@例子.测试", "ada@xn--fsqu00a.xn--0zwm56d"),
    ('"ada lovelace"@example.com', '"ada lovelace"@example.com'),
    ("ada+tag@example.com", "ada+tag@example.com"),
]


@pytest.mark.parametrize(("to", "wanted"), RECIPIENTS)
async def test_an_address_goes_out_as_ses_takes_it(to: str, wanted: str) -> None:
    assert (await sent(how={"to": to}))["Destination"] == {"ToAddresses": [wanted]}


@pytest.mark.parametrize(
    "to",
    [
        "",
        "13800138000",
        "a@b.example,c@d.example",
        "Ada <ada@example.com>",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@exam\nple.com",
        "ada@@example.com",
        "адa@example.com",
        "ada@-example.com",
    ],
)
async def test_what_is_no_address_for_ses_is_refused_before_anything_is_sent(to: str) -> None:
    driver = driver_for("127.0.0.1:1")
    with pytest.raises(errors.RecipientRefused) as raised:
        await driver.send(message(to=to), render, deadline_in(20))
    assert not to or to not in str(raised.value)


INJECTED = "Code\r\nBcc: eve@example.com"


@pytest.mark.parametrize(
    ("config", "options", "payload"),
    [
        ({"templates": [{**TEMPLATES[0], "subject": "{{code}}"}]}, {}, {"code": INJECTED}),
        ({}, {"localized_templates": [localized("en", sendFrom="{{name}}")]}, {"name": INJECTED}),
        ({}, {"localized_templates": [localized("en", sendFrom="{{name}}")]}, {"name": "a\n<eve@example.com>"}),
        ({}, {"localized_templates": [localized("en", replyTo="{{mail}}")]}, {"mail": "a@b.example\nBcc: e@x.y"}),
        ({}, {"localized_templates": [localized("en", replyTo="{{mail}}")]}, {"mail": "a@b.example, e@x.y"}),
    ],
)
async def test_what_would_begin_another_header_is_refused_before_anything_is_sent(
    config: dict[str, Any], options: dict[str, Any], payload: dict[str, Any]
) -> None:
    driver = driver_for("127.0.0.1:1", config, **options)
    with pytest.raises(errors.ContentRefused) as raised:
        await driver.send(message(payload=payload), render, deadline_in(20))
    assert "eve" not in str(raised.value)
    assert not raised.value.maybe_sent


async def test_half_a_character_is_replaced_rather_than_lost_with_the_message() -> None:
    simple = (await sent(rendered=Content("half \ud83d", "s", None)))["Content"]["Simple"]
    assert simple["Body"] == {"Text": part("half ?")}


# --- the client ---------------------------------------------------------------------------------------------


async def test_a_fake_is_reached_whatever_proxy_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{wire.free_port()}")
    assert (await sent())["Destination"]


async def test_nothing_of_the_environment_or_the_home_folder_reaches_the_client(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile other]\nregion=us-west-2\nuse_fips_endpoint=true\nthis is broken\n")
    elsewhere = f"http://127.0.0.1:{wire.free_port()}"
    environment = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "config"),
        "AWS_PROFILE": "nobody",
        "AWS_DEFAULT_PROFILE": "nobody",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "key-id-of-the-environment",
        "AWS_SECRET_ACCESS_KEY": "theirs",
        "AWS_SESSION_TOKEN": "theirs",
        "AWS_ENDPOINT_URL": elsewhere,
        "AWS_ENDPOINT_URL_SESV2": elsewhere,
        "AWS_MAX_ATTEMPTS": "7",
        "AWS_RETRY_MODE": "adaptive",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_DEFAULTS_MODE": "nonsense",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    headers = (await sent())["headers"]
    assert f"Credential={KEY_ID}/" in headers["authorization"]
    assert "/eu-west-1/" in headers["authorization"]
    assert "x-amz-security-token" not in headers
    async with wire.scripted(wire.raw(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        driver = driver_for(None)
        with pytest.raises(errors.Unreachable):
            await driver.send(message(), render, deadline_in(20))
        await driver.close()
    (request,) = proxy.requests
    assert request.startswith(b"CONNECT email.eu-west-1.amazonaws.com:443 ")


async def test_a_live_connector_may_have_an_endpoint_of_its_own() -> None:
    async with wire.scripted(OK) as server:
        driver = driver_for(None, endpoint=f"http://{server.address}/base")
        await driver.send(message(), render, deadline_in(20))
        await driver.close()
    assert server.requests[0].startswith(b"POST /base/v2/email/outbound-emails ")


async def test_temporary_credentials_bring_their_token() -> None:
    assert (await sent(session_token="sts-token"))["headers"]["x-amz-security-token"] == "sts-token"


async def test_one_client_is_made_for_a_burst_of_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    original = driver_module.sdk.client

    def client(*arguments: Any) -> Any:
        made.append(original(*arguments))
        return made[-1]

    monkeypatch.setattr(driver_module.sdk, "client", client)
    async with wire.scripted(OK) as server:
        driver = driver_for(server.address)
        await asyncio.gather(*(driver.send(message(), render, deadline_in(20)) for _ in range(20)))
        await driver.close()
    assert len(made) == 1


async def test_a_drip_does_not_keep_the_places_of_the_sends_after_it() -> None:
    async with wire.scripted(once_well(wire.drip)) as slow, wire.scripted(OK) as fast:
        dripping, healthy = driver_for(slow.address), driver_for(fast.address)
        await dripping.send(message(), render, deadline_in(20))
        many = [asyncio.ensure_future(dripping.send(message(), render, deadline_in(0.3))) for _ in range(40)]
        receipt = await healthy.send(message(), render, deadline_in(20))
        ended = await asyncio.gather(*many, return_exceptions=True)
        await asyncio.gather(dripping.close(), healthy.close())
    assert receipt.provider_message_id == MESSAGE_ID
    # Those that got no place were not sent.
    assert {type(one) for one in ended} == {errors.TimedOut, errors.Unreachable}


def test_neither_the_provider_nor_its_settings_load_the_sdk() -> None:
    code = (
        "import sys, gateway.providers.aws_ses as p; p.provider.factories[p.FACTORY].settings("
        "{'accessKeyId': 'a', 'accessKeySecret': 'b', 'region': 'eu-west-1'}, {}); import gateway.cli; "
        "print(sorted({'boto3', 'botocore', 'moto'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_closing_before_the_first_send_is_fine() -> None:
    driver: AwsSesDriver = driver_for("127.0.0.1:1")
    await driver.close()
