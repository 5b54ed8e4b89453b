"""What SES takes for an address, whatever somebody writes."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.providers.aws_ses.wire.addresses import IllegalAddress, Mailbox, bare, mailbox
from gateway.providers.aws_ses.wire.identifiers import message_id, uuid

_PIECES = ["a", "@", "<", ">", ",", ";", '"', "\\", " ", ".", "\r\n", "\0", "é", "[", "]", "example.com", "("]


@given(st.one_of(st.text(), st.lists(st.sampled_from(_PIECES)).map("".join)))
@example("<a@b.example> <c@d.example>")
@example("a@b.example>")
@example('"\\')
def test_any_text_is_one_address_or_is_refused(text: str) -> None:
    try:
        found = mailbox(text)
    except IllegalAddress:
        return
    assert "@" in found.address
    assert not re.search(r"[\x00-\x1f\x7f]", found.name + found.address)
    assert found.domain == found.domain.lower()
    assert bare(text)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("ada@example.com", "", "ada@example.com"),
        ("<ada@example.com>", "", "ada@example.com"),
        ("Ada Lovelace <Ada@Example.com> ", "Ada Lovelace", "Ada@Example.com"),
        ('"Lovelace, \\"Ada\\"" <ada@example.com>', 'Lovelace, "Ada"', "ada@example.com"),
        ('"ada b"@example.com', "", '"ada b"@example.com'),
        ("阿达 <ada@example.com>", "阿达", "ada@example.com"),
    ],
)
def test_a_name_is_apart_from_its_address(text: str, name: str, address: str) -> None:
    assert mailbox(text) == Mailbox(name, address)


def test_a_message_id_has_the_region_and_the_time_in_it() -> None:
    found = message_id("us-east-1", 1_700_000_000.123)
    assert found.startswith("0100" + f"{1_700_000_000_123:012x}-")
    assert (len(found), found[-7:]) == (60, "-000000")
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", uuid())


def test_an_address_has_a_bounded_length() -> None:
    assert mailbox("a" * 9_000 + " <ada@example.com>").address == "ada@example.com"
    with pytest.raises(IllegalAddress, match="Illegal address"):
        mailbox("a" * 10_000 + " <ada@example.com>")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"a\\" <ada@example.com>', "Missing '\"'"),
        ('"a" b"c <ada@example.com>', "Missing '\"'"),
        ('"a, b" "c, d" <ada@example.com>', None),
        ('"<" ada@example.com', "Quote not at end of local address"),
    ],
)
def test_quotes_hide_what_is_in_them(text: str, reason: str | None) -> None:
    if reason is None:
        assert mailbox(text).address == "ada@example.com"
        return
    with pytest.raises(IllegalAddress) as raised:
        mailbox(text)
    assert raised.value.reason == reason
