"""Email addresses: which text is one, and which spellings are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.recipients import email_reading, normal_email, recipient

SAME = [
    ("ada@example.com", "ada@example.com"),
    (" Ada@Example.COM ", "ada@example.com"),
    ('"ada"@example.com', "ada@example.com"),
    ('"Ada Lovelace"@example.com', '"ada lovelace"@example.com'),
    ('"a@b"@example.com', '"a@b"@example.com'),
    ('"a\\"b"@example.com', '"a\\"b"@example.com'),
    ("ada@MÜNCHEN.example", "ada@xn--mnchen-3ya.example"),
    ("ada@xn--mnchen-3ya.example", "ada@xn--mnchen-3ya.example"),
    ("ada@例子。测试", "ada@xn--fsqu00a.xn--0zwm56d"),
    ("ada@straße.example", "ada@xn--strae-oqa.example"),
    ("用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d"),
    ("a..b.@docomo.example", "a..b.@docomo.example"),
    ("o'neil+x/y=z@example.com", "o'neil+x/y=z@example.com"),
    ("ada@[192.0.2.1]", "ada@[192.0.2.1]"),
    ("ada@_dmarc.example.com", "ada@_dmarc.example.com"),
]


@pytest.mark.parametrize(("written", "read"), SAME)
def test_an_address_is_read_in_one_form(written: str, read: str) -> None:
    assert normal_email(written) == read
    assert recipient(written).readings == (read,)
    assert normal_email(read) == read


NONE = [
    "ada",
    "@example.com",
    "ada@",
    "ada@example",
    "ada@example..com",
    "ada@example.com.",
    "ada@-example.com",
    "ada@exam ple.com",
    "a@b@example.com",
    "a@example.com,b@example.com",
    "<ada@example.com>",
    "Ada <ada@example.com>",
    "ada@example.com\nBcc: eve@example.com",
    "ada\x00@example.com",
    "ada\u200b@example.com",
    '"ada\n"@example.com',
    '"ada@example.com',
    f"ada@{'a' * 64}.com",
    f"{'a' * 320}@example.com",
    "ada@xn--\u200d.com",
    "\ud800@example.com",
]


@pytest.mark.parametrize("written", NONE)
def test_what_is_no_address_is_refused_by_field(written: str) -> None:
    assert normal_email(written) is None
    with pytest.raises(InvalidRequest) as caught:
        recipient(written)
    assert caught.value.data == {"field": "to"}
    assert caught.value.message.startswith("to: must be ")
    assert caught.value.message.rpartition(" ")[2] in {"ada@example.com", "8613800138000", "characters"}


@given(st.text(max_size=60) | st.from_regex(r"\A[^@]{0,20}@[^@]{0,30}\Z"))
def test_reading_never_fails_and_a_reading_reads_as_itself(text: str) -> None:
    found = normal_email(text)
    assert found is None or normal_email(found) == found
    assert email_reading(text) == (found or text.strip().lower())
