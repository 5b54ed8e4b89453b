"""What is read out of the HTML of an email, and the plain text that is made of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import UsageType
from gateway.rendering.markup import read
from gateway.rendering.senders import Mailbox, own_content, own_template
from tests.support.tiers import rest_slow

TEXTS = [
    ("<p>a</p><p>b</p>", "a\n\nb"),
    ("a<br>b<br/>c", "a\nb\nc"),
    ("<h1>Hello</h1>\n  <p>one\n two&nbsp;&amp; three</p>", "Hello\n\none two & three"),
    ("<table><tr><td>Code</td><td>123456</td></tr><tr><td>x</td></tr></table>", "Code 123456\nx"),
    ("<ul><li>a<li>b</ul>", "- a\n- b"),
    ('<a href="https://x.example/">here</a>!', "here (https://x.example/)!"),
    ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
    ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
    ('<a href="https://x.example/"><img src="cid:1" alt=""></a>', "https://x.example/"),
    ('<a href="#top">top</a><a name=x>y</a>', "topy"),
    ("<head><title>t</title><style>p{}</style></head><script>x</script><p>a", "a"),
    ('<div style="display: none">hid<br>den<div>x</div></div>a', "a"),
    ("<div hidden>x</div>a<!-- comment --><!--[if mso]>w<![endif]-->", "a"),
    ("a <b>bold</b> <i>it</i>", "a bold it"),
    ("2 < 3 & 4", "2 < 3 & 4"),
    ("", ""),
]


@pytest.mark.parametrize(("html", "text"), TEXTS, ids=range(len(TEXTS)))
def test_the_text_is_what_a_reader_sees(html: str, text: str) -> None:
    lines = [line.strip() for line in read(html).text.splitlines()]
    assert "\n".join(lines) == text


def test_what_is_hidden_in_front_is_the_preheader_and_what_is_hidden_later_is_not() -> None:
    padded = '<body><div style="display:none">In short&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div><p>Words</p>'
    assert read(padded).preheader == "In short"
    assert read('<p>Words</p><div style="display:none">late</div>').preheader is None
    assert read("<p>Words</p>").preheader is None


def test_what_is_loaded_from_outside_is_found_wherever_it_is_named() -> None:
    html = (
        '<link rel=stylesheet href="https://a.example/s.css"><style>@import "//b.example/x"; p{background:url('
        "'https://c.example/i.png')}</style><img src=//d.example/i alt=x><td background='http://e.example/i'>"
        '<p style="background: url(https://f.example/i)"><img src="cid:1"><img src="data:image/png,x" alt="">'
    )
    page = read(html)
    assert [address.split("/")[2][0] for address in page.remote] == ["a", "b", "c", "d", "e", "f"]
    assert page.no_alt == ["cid:1"]
    assert page.links == []


def test_what_runs_is_found() -> None:
    page = read('<form><input><a href=" JavaScript:x">a</a></form><p onClick="x"><script>1</script>')
    assert page.active == ["<form>", "<input>", "javascript:", "onclick", "<script>"]


@given(st.text("<>/abptdivhreftylesn\"'=!- \n&;:", max_size=200))
def test_any_html_can_be_read(html: str) -> None:
    assert read(html).text == read(html).text.strip()


HOSTILE = [
    "<a",
    "<!--",
    "<a href='",
    "<a href=x>",
    "<title>",
    "<style>",
    "<p hidden>",
    "</p hidden>",
    "<p a=",
    "url(//",
]


@pytest.mark.parametrize("piece", rest_slow(HOSTILE, 2))
def test_hostile_html_takes_no_longer_than_it_is_long(piece: str) -> None:
    """CPU of this thread; the bound is a hundred times what it takes. Python's parser took 93 s for 180 kB."""
    html = f"<p hidden>{piece * (200_000 // len(piece))}"
    start = time.thread_time()
    read(html)
    read(html[len("<p hidden>") :])
    assert time.thread_time() - start < 20


# --- the templates in a connector's config ------------------------------------------------------------------

OWN = [
    {"usageType": "SignIn", "subject": "Sign in {{code}}", "content": "<p>Code: {{code}}</p><p>{{user.name}}</p>"},
    {"usageType": "Generic", "subject": "Code", "content": "{{ code }} {{nobody}}"},
]


def test_a_template_of_the_config_is_filled_in_as_logto_does_with_a_text_beside_it() -> None:
    payload = {"code": "135790", "user": {"name": "<b>Ada</b>"}}
    made = own_content(OWN[0]["subject"], OWN[0]["content"], payload)
    assert made.subject == "Sign in 135790"
    assert made.html == "<p>Code: 135790</p><p><b>Ada</b></p>"  # Logto escapes nothing
    assert made.text == "Code: 135790\n\nAda"
    assert own_content("a\r\nBcc: {{code}}", "x", payload).subject == "a Bcc: 135790"


def test_the_type_comes_before_generic_and_without_both_there_is_none() -> None:
    assert own_template(OWN, UsageType.SIGN_IN) == 0
    assert own_template(OWN, UsageType.REGISTER) == 1
    assert own_template(OWN[:1], UsageType.REGISTER) is None
    assert own_template([], UsageType.SIGN_IN) is None


def test_a_mailbox_is_read_from_logtos_config() -> None:
    made = Mailbox.of("aws-ses", {"emailAddress": "Shop <a@x.example>", "templates": [*OWN, {"usageType": "x"}, 7]})
    assert made == Mailbox("aws-ses", "Shop <a@x.example>", tuple(OWN))
    assert Mailbox.of("x", {"emailAddress": None, "templates": "x"}) == Mailbox("x")
