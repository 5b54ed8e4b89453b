"""Inlining once for a template gives what inlining every mail would give."""

from __future__ import annotations

from typing import Any

import css_inline
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rendering.inlining import Inliner

AGAIN = css_inline.CSSInliner(inline_style_tags=False, keep_style_tags=True, load_remote_stylesheets=False)
ONCE = css_inline.CSSInliner(load_remote_stylesheets=False)


def pieces(source: str, **values: Any) -> list[str]:
    """As our environment writes them."""
    template = jinja2.Environment(autoescape=True).from_string(source)
    return list(template.root_render_func(template.new_context(values)))


def same(left: str, right: str) -> bool:
    """The same page, however its characters are written."""
    return AGAIN.inline(left) == AGAIN.inline(right)


PAGE = """<style>p { color: red } p.big { color: blue } p:empty { color: green } a { margin: 0 } {{ css }}</style>
<title>{{ a }}</title><p class="{{ kind }}">{{ a }}</p><p>{{ b }}</p>
<a href="https://x.example/{{ b }}" title="{{ a }}">{{ a }}{{ b }}</a>
<!-- {{ a }} -->{% for one in many %}<p>{{ one }}</p>{% endfor %}"""

VALUES = st.fixed_dictionaries(
    {
        "a": st.text(st.characters(exclude_categories=("Cs", "Cc"))),
        "b": st.text("ab&<>\"'; =/{}", max_size=8),
        "kind": st.sampled_from(["big", "small", ""]),
        "css": st.sampled_from(["", "a[title] { color: red }", "p { margin: 1px }"]),
        "many": st.lists(st.text("ab <", max_size=3), max_size=3),
    }
)
SHARED = Inliner()


@given(VALUES)
def test_it_is_the_same_page_as_without_the_cache(values: dict[str, Any]) -> None:
    written = pieces(PAGE, **values)
    assert same(SHARED(written), ONCE.inline("".join(written)))


def inlined(inliner: Inliner) -> int:
    return inliner._made.cache_info().misses


@pytest.mark.slow
def test_a_thousand_codes_are_inlined_once() -> None:
    inliner = Inliner()
    source = '<style>p{color:red}</style><p title="{{ code }}">{{ code }}</p><a href="{{ link }}">x</a>'
    for number in range(1000):
        written = pieces(source, code=f"{number:06}", link=f"https://x.example/{number}")
        assert f">{number:06}</p>" in inliner(written)
    assert inlined(inliner) == 1


DECIDING = [
    ('<style>.a{color:red}</style><p class="{{ x }}">', "a", "b"),
    ("<style>p{color:{{ x }}}</style><p>", "red", "blue"),
    ('<style>p{margin:0}</style><p style="color:{{ x }}">', "red", "blue"),
    ("<style>p:empty{color:red}</style><p>{{ x }}</p>", "", "full"),
    ('<style>a[href="b"]{color:red}</style><a href="{{ x }}">', "a", "b"),
    ("<style>b{color:red}</style><p>{{ x | safe }}</p>", "<b>1</b>", "<b>2</b>"),
    ("<style>b{color:red}</style><{{ x }}>", "b", "p"),
]


@pytest.mark.parametrize(("source", "one", "other"), DECIDING)
def test_a_value_that_css_may_look_at_is_inlined_with_it(source: str, one: str, other: str) -> None:
    inliner = Inliner()
    for value in (one, other, one):
        written = pieces(source, x=value)
        assert same(inliner(written), ONCE.inline("".join(written)))
    assert inlined(inliner) == 2


def test_it_keeps_256_structures_at_most() -> None:
    inliner = Inliner()
    for number in range(300):
        inliner([f"<p>{number}</p>"])
    assert inliner._made.cache_info().currsize == 256


def test_what_cannot_be_inlined_stays_and_stands_behind_the_charset() -> None:
    html = Inliner()(
        [
            "<html><head><meta charset=utf-8><style>p{color:red}",
            " @media (prefers-color-scheme:dark){p{color:#fff}}</style></head><body><p>x</p></body></html>",
        ]
    )
    assert html.index("charset") < html.index("@media") < html.index("</head>")
    assert html.count("color:") == 2
    assert "<p style=" in html


def test_nothing_is_loaded_from_outside(tmp_path: Any) -> None:
    sheet = tmp_path / "x.css"
    sheet.write_text("p{color:red}")
    html = Inliner()([f'<link rel="stylesheet" href="{sheet.as_uri()}"><p>x</p>'])
    assert "red" not in html
