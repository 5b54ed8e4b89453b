"""The template language of SES: examples of AWS's documentation and of handlebarsjs.com, mistakes, bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.aws_ses.fake.handlebars import (
    MOST_STEPS,
    Malformed,
    MissingAttribute,
    check,
    only_values,
    render,
)

# The data of "Advanced email personalization".
DATA: dict[str, Any] = {
    "meta": {"userId": "51806220607"},
    "contact": {"firstName": "Anaya", "lastName": "Iyengar", "city": "Bengaluru"},
    "subscription": [{"interest": "Sports"}, {"interest": "Travel"}, {"interest": "Cooking"}],
    "yes": True,
    "no": False,
    "zero": 0,
    "one": 1.0,
    "half": 0.5,
    "none": None,
    "empty": "",
    "list": ["a", "b"],
    "nothing": [],
    "object": {},
    "odd name": "odd",
    "html": "<b>&\"'</b>",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain { } }} text", "plain { } }} text"),
        ("Hello {{contact.firstName}}!", "Hello Anaya!"),
        ("{{ contact.firstName }}{{contact/lastName}}{{this.contact.city}}{{./one}}", "AnayaIyengarBengaluru1"),
        ("{{yes}} {{no}} {{zero}} {{half}} [{{empty}}]", "true false 0 0.5 []"),
        ("{{list}} {{object}}", "a,b [object Object]"),
        # AWS: "SES doesn't escape HTML content when rendering".
        ("{{html}} {{{html}}} {{&html}}", "<b>&\"'</b> <b>&\"'</b> <b>&\"'</b>"),
        ("{{[odd name]}} {{list.[1]}} {{list.0}} {{list.length}} {{subscription.1.interest}}", "odd b a 2 Travel"),
        ("a{{! a comment }}b{{!-- one with }} in it --}}c", "abc"),
        ("\\{{contact}} {{zero}}", "{{contact}} 0"),
        ("{{#if yes}}1{{else}}2{{/if}}{{#if no}}1{{else}}2{{/if}}{{#if gone}}1{{/if}}", "12"),
        ("{{#if zero}}1{{/if}}{{#if empty}}2{{/if}}{{#if nothing}}3{{/if}}", ""),
        ("{{#if none}}4{{/if}}{{#if object}}5{{/if}}", "5"),
        ("{{#if no}}1{{else if yes}}2{{else}}3{{/if}}", "2"),
        ("{{#if no}}1{{else if zero}}2{{else}}3{{/if}}", "3"),
        ("{{#if no}}1{{^}}2{{/if}}", "2"),
        ("{{#unless no}}1{{else}}2{{/unless}}{{#unless yes}}1{{else}}2{{/unless}}", "12"),
        ("{{#each subscription}}<li>{{interest}}</li>{{/each}}", "<li>Sports</li><li>Travel</li><li>Cooking</li>"),
        ("{{#each list}}{{@index}}{{this}}{{.}}{{#if @first}}<{{/if}}{{#if @last}}>{{/if}}{{/each}}", "0aa<1bb>"),
        ("{{#each contact}}{{@key}}={{this}};{{/each}}", "firstName=Anaya;lastName=Iyengar;city=Bengaluru;"),
        ("{{#each list}}{{../meta.userId}}{{#if ../yes}}{{../zero}}{{/if}};{{/each}}", "518062206070;" * 2),
        ("{{#each list}}{{#each ../list}}{{../this}}{{this}} {{/each}}{{/each}}", "aa ab ba bb "),
        ("{{#each list}}{{@root.one}}{{/each}}", "11"),
        ("{{#each nothing}}x{{else}}none{{/each}}{{#each gone}}x{{else}}none{{/each}}", "nonenone"),
        ("{{#each list as |item at|}}{{item}}{{at}}{{#with ../contact}}{{item}}{{/with}}{{/each}}", "a0ab1b"),
        ("{{#with contact}}{{firstName}}{{/with}}{{#with gone}}x{{else}}y{{/with}}", "Anayay"),
        ("{{#contact}}{{firstName}}{{/contact}}{{#list}}{{.}}{{/list}}", "Anayaab"),
        ("{{#yes}}{{one}}{{/yes}}{{#gone}}x{{/gone}}", "1"),
        ("{{^gone}}x{{/gone}}{{^yes}}y{{else}}z{{/yes}}", "xz"),
        ("{{lookup list 1}} {{lookup contact 'city'}}", "b Bengaluru"),
        ("a  {{~one~}}  b", "a1b"),
        ("{{#if yes~}}  x  {{~/if}}", "x"),
        ('{{#* inline "a"}}{{city}}{{#if no}}-{{/if}}{{/inline~}}\n{{> a contact}}', "Bengaluru"),
        ('{{> x a="1" b=one}}{{#*inline "x"}}{{a}}{{b}}{{contact.city}}{{/inline}}', "11Bengaluru"),
        # A tag with a line to itself takes the line with it.
        ("a\n{{#if yes}}\nb\n{{else}}\nc\n{{/if}}\nd", "a\nb\nd"),
        ("a\r\n  {{#each list}}  \r\n{{this}}\r\n  {{/each}}\r\nd", "a\r\na\r\nb\r\nd"),
        ("a\n{{! comment }}\n{{one}}\n", "a\n1\n"),
        ("{{#if yes}}\n{{/if}}\n.", "."),
    ],
)  # fmt: skip  # a template a line
def test_a_template_renders(template: str, expected: str) -> None:
    assert render(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "attribute"),
    [
        ("{{name}}", "name"),
        ("{{contact.name}}", "contact.name"),
        ("{{gone.name}}", "gone.name"),
        ("{{none}}", "none"),
        ("{{#each subscription}}{{meta}}{{/each}}", "meta"),
        ("{{../contact}}", "../contact"),
        ("{{list.2}}", "list.2"),
        ("{{@index}}", "@index"),
        ("{{#if yes}}{{gone}}{{/if}}", "gone"),
        ("{{lookup contact 'gone'}}", "gone"),
    ],
)
def test_what_is_not_in_the_data_fails_the_rendering_in_awss_words(template: str, attribute: str) -> None:
    with pytest.raises(MissingAttribute) as caught:
        render(template, DATA)
    assert caught.value.name == attribute
    assert caught.value.message == f"Attribute '{attribute}' is not present in the rendering data."


def test_what_is_not_reached_may_be_missing() -> None:
    assert render("{{#if gone}}{{gone}}{{else}}-{{/if}}", {}) == "-"


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{", "line 1: {{ is not closed"),
        ("\n{{a", "line 2: {{ is not closed"),
        ("{{{a}}", "{{{ is not closed"),
        ("{{}}", "nothing between the braces"),
        ("{{!-- a }}", "a comment is not closed"),
        ("\n{{#if a}}\n", "line 2: {{#if}} is not closed"),
        ("{{/if}}", "{{/if}} closes nothing"),
        ("{{#if a}}{{/each}}", "{{/each}} closes nothing: {{/if}} is due"),
        ("{{else}}", "{{else}} stands outside of a block"),
        ("{{#if}}x{{/if}}", "#if requires exactly one argument"),
        ("{{#if a b}}x{{/if}}", "#if requires exactly one argument"),
        ("{{eq a b}}", 'Missing helper: "eq"'),
        ("{{#eq a b}}{{/eq}}", 'Missing helper: "eq"'),
        ("{{#if (eq a b)}}x{{/if}}", "#if requires exactly one argument"),
        ("{{(a)}}", "(a) is no name"),
        ("{{a..b}}", "a..b is no name"),
        ("{{a.}}", "a. is no name"),
        ("{{a.[b}}", "cannot be read"),
        ('{{a "b}}', "cannot be read"),
        ("{{> gone}}", "the partial gone does not exist"),
        ("{{#*inline}}x{{/inline}}", "a partial is"),
        ("{{> x a=}}{{#*inline 'x'}}{{/inline}}", "one context, then name=value"),
        ("{{{{raw}}}}", "raw blocks are not supported"),
        ("{{#if a}}" * 51, "nest at most 50 deep"),
        ("{{#if a}}" + "{{else if a}}" * 51 + "{{/if}}", "chained at most 50 times"),
    ],
)
def test_what_is_no_template_is_told_with_its_line(template: str, says: str) -> None:
    with pytest.raises(Malformed) as caught:
        check(template)
    assert says in str(caught.value)
    assert str(caught.value).startswith("line ")


@pytest.mark.parametrize(
    "template",
    [
        "{{#*inline 'x'}}{{> x}}{{/inline}}{{> x}}",
        "{{#*inline 'x'}}{{> y}}{{> y}}{{/inline}}{{#*inline 'y'}}{{> x}}{{> x}}{{/inline}}{{> x}}",
        "{{#each l}}{{#each ../l}}{{#each ../../l}}{{#each ../../../l}}x{{/each}}{{/each}}{{/each}}{{/each}}",
        "{{#each l}}{{#each ../l}}{{/each}}{{/each}}",
    ],
)
def test_a_rendering_is_bounded(template: str) -> None:
    with pytest.raises(Malformed, match=r"without end|more than"):
        render(template, {"l": [0] * (MOST_STEPS // 100)})


def test_the_length_of_a_rendering_is_bounded() -> None:
    with pytest.raises(Malformed, match="too long"):
        render("{{#each l}}{{../x}}{{/each}}", {"l": [0] * 1000, "x": "y" * 100_000})


def test_a_template_inside_of_a_request_has_values_only() -> None:
    assert only_values("{{a}} {{{b.c}}} {{! comment }}")
    assert not only_values("{{#if a}}{{/if}}")
    assert not only_values('{{#*inline "x"}}{{/inline}}')


@given(st.text("{}#/^>!&~ \n\\.@[]|=\"'abif else each with this lookup", max_size=60))
def test_any_text_is_a_template_or_none(template: str) -> None:
    try:
        render(template, {"a": [{"b": 1}], "b": {"a": "x"}, "i": 1})
    except (Malformed, MissingAttribute) as problem:
        assert str(problem)  # noqa: PT017  # either is right


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from("abc"), JSON))
def test_any_data_is_rendered_or_lacks_something(data: dict[str, Any]) -> None:
    template = "{{#each a}}{{#if b}}{{b}}{{else}}{{../c}}{{/if}}{{/each}}{{#with b}}{{a}}{{/with}}{{#c}}{{.}}{{/c}}"
    try:
        assert isinstance(render(template, data), str)
    except MissingAttribute as problem:
        assert problem.name  # noqa: PT017  # either is right
