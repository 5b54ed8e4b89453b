"""Links and plain text of mails; and that hostile ones take no longer than they are long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.extraction import links, plain_text
from tests.support.tiers import rest_slow

PAGE = """<!DOCTYPE html><html lang=en xmlns="http://www.w3.org/1999/xhtml"><head><title>Hi</title>
<style>a{background:url(https://style.example/)}</style></head><body><!-- https://comment.example/ -->
<h1>Hi &amp; bye</h1><p>Your code is <b>123456</b>.<br>Go <a class=x href="https://x.example/a?b=1&amp;c=2">here</a>,
or <A HREF='http://y.example/'>http://y.example/</A>.<table><tr><td>a</td><td>b</td></tr></table>
<ul><li>one</li><li>two</li></ul><a href="mailto:a@b.example">a@b.example</a> <a href="#top">top</a>
<a href="javascript:alert(1)">no</a> <a href=https://bare.example/x>bare</a></body></html>"""


def test_the_links_of_the_html_come_first_each_once() -> None:
    text = "Go to https://x.example/a?b=1&c=2 (or https://z.example/q_(r)). 打开https://例子.测试/x。"
    assert links(text, PAGE) == [
        "https://x.example/a?b=1&c=2",
        "http://y.example/",
        "https://bare.example/x",
        "https://z.example/q_(r)",
        "https://例子.测试/x",
    ]


def test_without_a_text_the_words_of_the_html_are_read() -> None:
    assert links("", "<p>Open https://a.example/<b>b</b>, please</p>") == ["https://a.example/"]
    assert links("", None) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example.", ["https://a.example"]),
        ("<https://a.example/b>", ["https://a.example/b"]),
        ("HTTPS://A.example", ["HTTPS://A.example"]),
        ("ftp://a.example file:///etc https://", []),
        ("[x](https://a.example/b)", ["https://a.example/b"]),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(text: str, found: list[str]) -> None:
    assert links(text, None) == found


def test_the_plain_text_has_a_line_for_each_block_and_the_addresses_of_links() -> None:
    assert plain_text(PAGE).split("\n") == [
        "Hi & bye",
        "",
        "Your code is 123456.",
        "Go here (https://x.example/a?b=1&c=2), or http://y.example/.",
        "",
        "a b",
        "",
        "- one",
        "- two",
        "",
        "a@b.example top no bare (https://bare.example/x)",
    ]


HOSTILE = ["<a", "<!--", "</", "<a href='", "<p>", "<a href=x>", "<![", "<title>", "&#x;", "http://x)", "<a \"'"]


@pytest.mark.parametrize("piece", rest_slow(HOSTILE, 2))
def test_hostile_markup_takes_no_longer_than_it_is_long(piece: str) -> None:
    """CPU of this thread; the bound is a hundred times what it takes, and a thousandth of what it once took."""
    html = piece * (200_000 // len(piece))
    start = time.thread_time()
    links("", html)
    plain_text(html)
    assert time.thread_time() - start < 20


@given(st.text(alphabet="<>/a h=\"'!-[pr:t.x&;#\n"))
def test_nothing_makes_it_fail(html: str) -> None:
    assert isinstance(plain_text(html), str)
    assert all(link.lower().startswith("http") for link in links(html, html))
