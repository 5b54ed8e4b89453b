"""CSS moves into style attributes, and no value of a payload brings styles of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import Channel, UsageType
from gateway.extraction import Tag, tokens
from gateway.rendering import Renderer
from gateway.rendering.templates import inline_css

MAIL = """{% block subject %}s{% endblock %}{% block html %}<style>p { color: red } p.big { color: blue }
a { margin: 0 } @media print { p { color: black } }</style><title>{{ user.name }}</title>
<p>{{ user.name }}</p><p class="big">{{ code }}</p>
<a href="https://x.example/{{ user.name }}" title="{{ user.name }}">{{ user.name }}{{ code }}</a>
<!-- {{ code }} -->{% endblock %}"""

HOSTILE = [
    "</style><style>p { color: lime }</style>",
    "</title><style>p { color: lime }</style>",
    '" style="color: lime',
    "' style='color: lime",
    '<p class="big">x</p>',
    "--><style>p { color: lime }</style><!--",
    "{} p { color: lime } /* */ @import 'x';",
    "\x00\r\n\xa0\u2028&lt;b&gt;&#39;",
]


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "email" / "en").mkdir(parents=True)
    (folder / "email" / "en" / "Generic.j2").write_text(MAIL, encoding="utf-8")
    return Renderer([folder])


def html(renderer: Renderer, value: str) -> str:
    made = renderer.render(UsageType.SIGN_IN, Channel.EMAIL, {"code": value, "user": {"name": value}}, "en")
    assert made.html is not None
    return made.html


def styles(page: str) -> list[tuple[str, str | None, str]]:
    """Every tag with its style attribute, and the content of every style element."""
    tags = [piece for piece in tokens(page) if isinstance(piece, Tag)]
    return [(tag.name, tag.attributes().get("style"), tag.inside if tag.name == "style" else "") for tag in tags]


@pytest.mark.parametrize("value", HOSTILE)
@given(more=st.text(max_size=20) | st.text("ab&<>\"'; =/{}-!", max_size=12))
def test_a_value_adds_no_tag_and_no_style(renderer: Renderer, value: str, more: str) -> None:
    plain = styles(html(renderer, "value"))
    assert [style for name, style, _ in plain if name == "p" and style] == ["color: red;", "color: blue;"]
    assert styles(html(renderer, value + more)) == styles(html(renderer, more + value)) == plain


def test_half_a_surrogate_pair_does_not_fail(renderer: Renderer) -> None:
    assert '<p style="color: red;">a?b</p>' in html(renderer, "a\ud800b")


DECIDING = [
    ("<style>.a{color:red}</style><p class=a>", True),
    ("<style>.a{color:red}</style><p class=b>", False),
    ("<style>p:empty{color:red}</style><p></p>", True),
    ("<style>p:empty{color:red}</style><p>x</p>", False),
    ('<style>a[href="b"]{color:red}</style><a href="b">', True),
    ('<style>a[href="b"]{color:red}</style><a href="c">', False),
]


@pytest.mark.parametrize(("source", "red"), DECIDING)
def test_the_rules_apply_to_the_mail_as_it_is(source: str, red: bool) -> None:
    assert ("style=" in inline_css(source)) is red


def test_what_cannot_be_inlined_stays_and_stands_behind_the_charset() -> None:
    made = inline_css(
        "<html><head><meta charset=utf-8><style>p{color:red}"
        " @media (prefers-color-scheme:dark){p{color:#fff}}</style></head><body><p>x</p></body></html>"
    )
    assert made.index("charset") < made.index("@media") < made.index("</head>")
    assert made.count("color:") == 2
    assert "<p style=" in made


def test_nothing_is_loaded_from_outside(tmp_path: Path) -> None:
    sheet = tmp_path / "x.css"
    sheet.write_text("p{color:red}")
    assert "red" not in inline_css(f'<link rel="stylesheet" href="{sheet.as_uri()}"><p>x</p>')
