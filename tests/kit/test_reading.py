"""Reading positions, filters, links and silence, with the real server."""

from __future__ import annotations

import re
import threading
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
from botocore.config import Config

from connector_gateway import CodeTimeout, Gateway, UnexpectedMessage


def mail(gateway: Gateway, to: str, subject: str, text: str, sender: str = "Shop <shop@example.com>") -> None:
    """Send a mail by the official SDK, as an app does."""
    env = gateway.env()
    client: Any = boto3.client(
        "ses",
        region_name="us-east-1",
        endpoint_url=env["AWS_ENDPOINT_URL_SES"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, sender, to
    message.set_content(text)
    client.send_raw_email(RawMessage={"Data": bytes(message)}, Destinations=[to])


def test_looking_at_a_message_does_not_use_its_code(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.send(phone, code="246810")
    assert gateway.message(phone).code == "246810"
    with Gateway(gateway.url) as other:
        assert other.code(phone, timeout=0) == "246810"
    with Gateway(gateway.url) as other, pytest.raises(CodeTimeout, match="taken"):
        other.message(phone, timeout=0)


def test_message_and_code_move_one_reading_position(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.send(phone, code="111111")
    assert gateway.message(phone).code == "111111"
    gateway.send(phone, code="222222")
    gateway.send(phone, code="333333")
    assert gateway.code(phone) == "333333"
    gateway.send(phone, code="444444")
    assert gateway.message(phone).code == "444444"
    with pytest.raises(CodeTimeout):
        gateway.message(phone, timeout=0)


@pytest.mark.parametrize(
    ("before", "then", "advice"),
    [
        ("message", "code", "its code is `.code` of the message which that call returned"),
        ("message", "message", "keep the message which that call returned"),
        ("code", "code", "keep the code which that call returned"),
        ("code", "message", "`captures(to)[0]` is the whole message"),
        ("code", "link", "`captures(to)[0].links` are its links"),
    ],
)
def test_a_wait_in_vain_says_which_call_got_the_newest_message_and_what_to_use(
    gateway: Gateway, before: str, then: str, advice: str
) -> None:
    phone = gateway.phone()
    gateway.send(phone, code="246810")
    getattr(gateway, before)(phone)
    with pytest.raises(CodeTimeout) as caught:
        getattr(gateway, then)(phone, timeout=0)
    (line,) = [line for line in str(caught.value).splitlines() if "has returned" in line]
    place = rf"{before}\(\) at test_reading\.py:\d+ has returned the newest message already \(cap_\w+\): "
    assert re.fullmatch(place + re.escape(advice) + ", or send another", line)


def test_waits_and_lists_are_narrowed_down_by_subject_text_and_sender(gateway: Gateway) -> None:
    ada = gateway.email()
    mail(gateway, ada, "Your receipt", "Order 4711, thank you", "Billing <billing@example.com>")
    mail(gateway, ada, "Sign in to Shop", "Your code is 246810")
    assert gateway.message(ada, subject="RECEIPT").subject == "Your receipt"
    assert gateway.code(ada, text="code is", sender="shop@") == "246810"
    assert [one.subject for one in gateway.captures(ada, sender="billing@")] == ["Your receipt"]
    assert [one.subject for one in gateway.captures(ada, text="thank")] == ["Your receipt"]
    mail(gateway, ada, "Your receipt", "Order 4712")
    with pytest.raises(CodeTimeout, match=r"other_contents: .* but its subject does not contain 'invoice'"):
        gateway.message(ada, subject="invoice", timeout=0)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("sign_in", "https://shop.example/auth/v1/verify?token=abc&type=magiclink"),
        ("verify", "https://shop.example/confirm-email/abc"),
        ("reset", "https://shop.example/login/reset?t=abc"),
        ("invite", "https://shop.example/teams/accept-invite/abc"),
        ("other", "https://shop.example/unsubscribe/abc"),
    ],
)
def test_a_link_is_found_by_what_it_is_for(gateway: Gateway, kind: Any, url: str) -> None:
    ada = gateway.email()
    mail(gateway, ada, "Hello", "Nothing to click")
    mail(gateway, ada, "Hello", f"See https://shop.example/about or follow {url} today.")
    assert gateway.link(ada, kind) == ("https://shop.example/about" if kind == "other" else url)
    mail(gateway, ada, "Hello", f"See https://shop.example/about or follow {url} today.")
    assert gateway.link(ada) == ("https://shop.example/about" if kind == "other" else url)


def test_a_wait_for_a_link_of_another_kind_says_what_is_missing(gateway: Gateway) -> None:
    ada = gateway.email()
    mail(gateway, ada, "Hello", "Follow https://shop.example/accept-invite/abc")
    with pytest.raises(CodeTimeout, match=r"no link for .*link reset.*(?s:.*)it has no link of the kind reset"):
        gateway.link(ada, "reset", timeout=0)


def test_no_message_is_asserted_beyond_the_reading_position(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.assert_none(phone, within=0)
    gateway.send(phone, code="111111")
    gateway.code(phone)
    gateway.assert_none(phone, within=0)
    gateway.send(phone, "Register", code="222222")
    gateway.assert_none(phone, within=0, type="SignIn")
    with pytest.raises(UnexpectedMessage, match=r"a message of type Register went to .*222222") as caught:
        gateway.assert_none(phone, within=0)
    assert caught.value.capture.code == "222222"
    assert gateway.code(phone, timeout=0) == "222222"


def test_a_message_that_comes_while_none_is_expected_ends_the_wait(gateway: Gateway) -> None:
    phone = gateway.phone()
    sender = threading.Timer(0.05, gateway.send, (phone,))
    sender.start()
    with pytest.raises(UnexpectedMessage):
        gateway.assert_none(phone, within=30)
    sender.join()


def test_a_message_names_the_test_that_its_recipient_was_made_for(
    gateway: Gateway, request: pytest.FixtureRequest
) -> None:
    for to in (gateway.phone(), gateway.email()):
        gateway.send(to)
        assert gateway.message(to).test == request.node.nodeid
    gateway.send("+8613800138000")
    assert gateway.captures("+8613800138000")[0].test is None


def test_a_time_may_be_text(gateway: Gateway) -> None:
    assert gateway.clock.set("2040-12-24T18:00:00+01:00").isoformat()[:16] == "2040-12-24T17:00"
    with pytest.raises(ValueError, match="time zone"):
        gateway.clock.set("2040-12-24T18:00:00")


def test_closing_undoes_what_was_done(gateway: Gateway) -> None:
    mine = Gateway(gateway.url)
    fault = mine.fault(to=gateway.phone(), hang=True)
    mine.close()
    assert fault.id not in {one.id for one in gateway.faults()}


def test_the_environment_has_a_client_for_each_kind_of_sign_in(gateway: Gateway) -> None:
    env = gateway.env()
    assert env["OAUTH2_CLIENT_ID"]
    assert env["OAUTH2_CLIENT_SECRET"]
    assert env["OIDC_CLIENT_ID"]
    assert env["OIDC_CLIENT_SECRET"]
