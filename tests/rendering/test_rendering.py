"""Our own templates, and Logto's handlebars."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.data_files import folder
from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, UsageType
from gateway.rendering import ROOTS, Renderer, TemplateError, handlebars, lookup

BUILT_IN = folder("templates")
GSM7 = re.compile(r"[A-Za-z0-9 @£$_!\"#%&'()*+,\-./:;<=>?\n\r]*")
CODE = "907318"
SIGNATURE = "【十个字的短信签名样例】"


def text(usage_type: UsageType, renderer: Renderer | None = None, **payload: Any) -> str:
    return (renderer or Renderer([BUILT_IN])).render(usage_type, Channel.SMS, payload).text


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write a template; the renderer of that folder over the built-in ones."""

    def into(name: str, body: str, extends: bool = True) -> Renderer:
        file = tmp_path / "sms" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        layout = '{% extends "sms/layout.j2" %}{% block text %}' + body + "{% endblock %}"
        file.write_text(layout if extends else body, encoding="utf-8")
        return Renderer([tmp_path, BUILT_IN])

    return into


# --- the built-in templates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("usage_type", UsageType)
def test_every_chinese_template_holds_the_code_in_one_segment_with_a_signature(usage_type: UsageType) -> None:
    sms = text(usage_type, code=CODE, locale="zh-CN")
    assert f"验证码为{CODE}" in sms  # Aliyun demands one of a few words in the template of a code
    assert len(SIGNATURE + sms) <= 70
    assert "\n" not in sms


@pytest.mark.parametrize("usage_type", UsageType)
def test_every_english_template_holds_the_code_in_one_segment_of_gsm7(usage_type: UsageType) -> None:
    sms = text(usage_type, code=CODE, locale="en")
    assert "code " in sms.lower()  # "code" is what a phone looks for when it offers to fill one in
    assert f" is {CODE}." in sms
    assert GSM7.fullmatch(sms)
    assert len(f"[Ten chars.]{sms}") <= 160


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_no_two_usage_types_say_the_same(locale: str) -> None:
    assert len({text(usage_type, code="1", locale=locale) for usage_type in UsageType}) == len(UsageType)


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_an_invitation_without_a_code_gives_its_link(locale: str) -> None:
    sms = text(UsageType.ORGANIZATION_INVITATION, link="https://a.example/i", locale=locale)
    assert sms.endswith("https://a.example/i")


@pytest.mark.parametrize("usage_type", UsageType)
def test_a_built_in_template_can_be_turned_into_one_for_aliyun(usage_type: UsageType) -> None:
    """Its seeded templates are made by rendering with ``${code}``; a code's template has no other variable."""
    assert text(usage_type, code="${code}", locale="zh-CN").count("${") == 1


# --- locale and usage type ----------------------------------------------------------------------------------

LOCALES = [
    ({"locale": "zh-CN"}, "zh"),
    ({"locale": "zh-cn"}, "zh"),
    ({"locale": "zh_CN"}, "zh"),
    ({"locale": "zh-Hans-CN-x-private"}, "zh"),
    ({"locale": "zh"}, "zh"),
    ({"locale": "zh-TW"}, "zh"),
    ({"locale": "en-GB"}, "en"),
    ({"locale": "fr"}, "en"),
    ({"locale": "fr", "uiLocales": "de zh-CN en"}, "zh"),
    ({"uiLocales": "zh-CN"}, "zh"),
    ({"locale": "en", "uiLocales": "zh-CN"}, "en"),
    ({}, "en"),
    ({"locale": ""}, "en"),
    ({"locale": 7, "uiLocales": ["zh-CN"]}, "en"),
    ({"locale": "../../etc"}, "en"),
    ({"locale": "z"}, "en"),
]


@pytest.mark.parametrize(("payload", "language"), LOCALES)
def test_the_locale_falls_back_by_cutting_its_end_and_then_to_the_default(
    payload: dict[str, Any], language: str
) -> None:
    sms = Renderer([BUILT_IN]).render(UsageType.SIGN_IN, Channel.SMS, payload).text
    assert ("zh" if "验证码" in sms else "en") == language


def test_a_locale_that_is_asked_for_wins_over_the_payloads() -> None:
    content = Renderer([BUILT_IN]).render(UsageType.SIGN_IN, Channel.SMS, {"locale": "en"}, locale="zh-CN")
    assert "验证码" in content.text
    assert (content.subject, content.html) == (None, None)


TAGS = st.lists(st.text("zhCN-_x.", max_size=8), max_size=4)


@given(TAGS, TAGS)
def test_the_lookup_answers_with_available_names_only(wanted: list[str], available: list[str]) -> None:
    assert set(lookup(wanted, available)) <= set(available)


def test_an_exact_name_comes_before_a_longer_and_a_shorter_one() -> None:
    assert list(lookup(["zh-CN"], ["zh", "zh-CN", "zh-CN-x-a"]))[:3] == ["zh-CN", "zh-CN-x-a", "zh"]


def test_a_usage_type_without_a_file_uses_that_of_generic_in_its_language(write: Any) -> None:
    renderer = write("fr/Generic.j2", "votre code : {{ code }}")
    assert text(UsageType.SIGN_IN, renderer, code="1", locale="fr-CA") == "votre code : 1"


def test_a_file_of_an_earlier_folder_wins(write: Any) -> None:
    renderer = write("en/SignIn.j2", "mine {{ code }}")
    assert text(UsageType.SIGN_IN, renderer, code="1") == "mine 1"
    assert text(UsageType.REGISTER, renderer, code="1") == text(UsageType.REGISTER, code="1")


def test_a_layout_of_an_earlier_folder_is_used_by_the_built_in_templates(write: Any) -> None:
    layout = "{% block text %}{% endblock %}{% block more %}{% endblock %}"
    renderer = write("layout.j2", layout, extends=False)
    assert text(UsageType.REGISTER, renderer, code="1") == text(UsageType.REGISTER, code="1")


def test_without_any_file_the_template_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(TemplateNotFound, match="sms template for SignIn"):
        text(UsageType.SIGN_IN, Renderer([tmp_path, tmp_path / "missing"]))


def test_a_channel_without_templates_is_not_found() -> None:
    with pytest.raises(TemplateNotFound):
        Renderer([BUILT_IN / "sms"]).render(UsageType.SIGN_IN, Channel.EMAIL, {})


def test_a_changed_file_is_compiled_again(write: Any, tmp_path: Path) -> None:
    renderer = write("en/SignIn.j2", "old")
    assert text(UsageType.SIGN_IN, renderer) == "old"
    write("en/SignIn.j2", "new")
    os.utime(tmp_path / "sms/en/SignIn.j2", (1, 1))
    assert text(UsageType.SIGN_IN, renderer) == "new"


def test_a_file_that_is_new_in_an_earlier_folder_is_used_at_once_and_no_longer_when_it_is_gone(
    write: Any, tmp_path: Path
) -> None:
    renderer = Renderer([tmp_path, BUILT_IN])
    before = text(UsageType.SIGN_IN, renderer, code="1")
    write("en/SignIn.j2", "mine")
    assert text(UsageType.SIGN_IN, renderer, code="1") == "mine"
    (tmp_path / "sms/en/SignIn.j2").unlink()
    assert text(UsageType.SIGN_IN, renderer, code="1") == before


def test_a_template_is_compiled_once_while_its_file_stays_the_same(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = write("en/SignIn.j2", "{{ code }}")
    text(UsageType.SIGN_IN, renderer, code="1")
    compiled: list[object] = []
    compile_ = renderer._environment.compile

    def counting(*given: Any, **more: Any) -> Any:
        compiled.append(given)
        return compile_(*given, **more)

    monkeypatch.setattr(renderer._environment, "compile", counting)
    assert text(UsageType.SIGN_IN, renderer, code="2") == "2"
    assert compiled == []
    text(UsageType.REGISTER, renderer, code="2")
    assert len(compiled) == 1


# --- names and values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ROOTS)
def test_a_known_root_is_empty_where_the_payload_has_none_and_so_is_all_below_it(write: Any, root: str) -> None:
    renderer = write(
        "en/SignIn.j2", f"<{{{{ {root} }}}}{{{{ {root}.name.first }}}}{{% if {root} %}}yes{{% endif %}}>"
    )
    assert text(UsageType.SIGN_IN, renderer) == "<>"
    assert text(UsageType.SIGN_IN, renderer, **{root: None}) == "<>"


def test_what_is_missing_below_a_known_root_is_empty(write: Any) -> None:
    renderer = write("en/SignIn.j2", "<{{ user.name }}|{{ user.nothing.at.all }}|{{ user.avatar }}>")
    assert text(UsageType.SIGN_IN, renderer, user={"name": "Ada", "avatar": None}) == "<Ada||>"


def test_an_unknown_name_is_an_error_that_names_it_and_its_template(write: Any) -> None:
    renderer = write("en/SignIn.j2", "{{ cod }}")
    with pytest.raises(TemplateError, match=r"sms/en/SignIn\.j2 uses cod,") as raised:
        text(UsageType.SIGN_IN, renderer, code=CODE)
    assert raised.value.code == "template.unknown_variable"
    assert raised.value.data == {"template": "sms/en/SignIn.j2", "variable": "cod", "line": 1}


def test_a_name_that_the_payload_brings_is_known(write: Any) -> None:
    renderer = write("en/SignIn.j2", "{{ shop }}{% for i in range(2) %}{{ i }}{% endfor %}{% set x = 1 %}{{ x }}")
    assert text(UsageType.SIGN_IN, renderer, shop="R&D <b>") == "R&D <b>011"


BROKEN = {
    "syntax": ("{% if %}", "SignIn.j2, line 1"),
    "arithmetic": ("{{ code + 1 }}", "SignIn.j2, line 1: TypeError"),
    "absent arithmetic": ("{{ user.age + 1 }}", "SignIn.j2, line 1: UndefinedError"),
    "second line": ("\n{{ 1 / 0 }}", "SignIn.j2, line 2: ZeroDivisionError"),
    "unsafe call": ("{{ ''.__class__.mro() }}", "SignIn.j2, line 1: "),
    "changes the payload": ("{{ l.append(1) }}", "SignIn.j2, line 1: SecurityError"),
    "too much": ("{{ range(999999999) }}", "SignIn.j2, line 1: OverflowError"),
    "include": ("{% include 'sms/nowhere.j2' %}", "needs sms/nowhere.j2"),
    "filter": ("{{ code|nofilter }}", "No filter named 'nofilter'"),
}


@pytest.mark.parametrize(("body", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_template_says_where_and_nothing_of_the_payload(write: Any, body: str, said: str) -> None:
    with pytest.raises(TemplateError) as raised:
        text(UsageType.SIGN_IN, write("en/SignIn.j2", body), code=CODE, l=[CODE])
    assert said in raised.value.message
    assert raised.value.code == "template.invalid"
    assert CODE not in "".join(traceback.format_exception(raised.value))


def test_a_template_without_its_block_or_its_layout_says_so(write: Any) -> None:
    with pytest.raises(TemplateError, match="has no block text"):
        text(UsageType.SIGN_IN, write("en/SignIn.j2", "code {{ code }}", extends=False))
    with pytest.raises(TemplateError, match=r"needs sms/none\.j2"):
        text(UsageType.SIGN_IN, write("en/SignIn.j2", '{% extends "sms/none.j2" %}', extends=False))


@given(st.dictionaries(st.text(), st.text() | st.none() | st.integers() | st.dictionaries(st.text(), st.text())))
def test_any_payload_renders_the_built_in_templates(payload: dict[str, Any]) -> None:
    renderer = Renderer([BUILT_IN])
    assert renderer.render(UsageType.GENERIC, Channel.SMS, payload).text


# --- Logto's handlebars -------------------------------------------------------------------------------------

PAYLOAD: dict[str, Any] = {
    "code": "123456",
    "link": None,
    "empty": "",
    "yes": True,
    "no": False,
    "zero": 0,
    "user": {"name": "Ada", "": "blank", "profile": {"age": 36}, "tags": ["a", None, ["b", 2.0], {}]},
    "_x9": "under",
}
FILLED = [
    # As Node 20 printed them, running Logto's own function.
    ("{{code}} {{ code }} {{\tcode\n}}", "123456 123456 123456"),
    ("{{absent}} {{ absent.a }}", "{{absent}} {{ absent.a }}"),
    ("<{{link}}><{{link.a}}><{{empty}}>", "<><><>"),
    ("{{yes}} {{no}} {{zero}}", "true false 0"),
    ("{{user.name}} {{user.profile.age}} <{{user.nothing}}><{{user.name.first}}>", "Ada 36 <><>"),
    ("{{user}} {{user.tags}}", "[object Object] a,,b,2,[object Object]"),
    ("{{user.tags.0}} {{user.tags.2.1}} <{{user.tags.9}}><{{user.tags.00}}> {{user.tags.length}}", "a 2 <><> 4"),
    ("<{{code.length}}>", "<>"),
    ("{{user.}} {{.user}} {{user..x}}", "blank {{.user}} "),
    ("{{_x9}} {{code}", "under {{code}"),
    ("{{{code}}} {{code }}}", "{123456} 123456}"),
    ("{{ käse }} {{co de}} {{code|upper}}", "{{ käse }} {{co de}} {{code|upper}}"),
    ("{{\u00a0code\ufeff}} {{\x1ccode}} {{\x85code}}", "123456 {{\x1ccode}} {{\x85code}}"),
    ("$& \\1 {{code}}", "$& \\1 123456"),
]


@pytest.mark.parametrize(("template", "filled"), FILLED)
def test_handlebars_are_filled_in_as_logto_does(template: str, filled: str) -> None:
    assert handlebars(template, PAYLOAD) == filled


NAME = st.from_regex(r"[A-Za-z0-9_]{1,5}", fullmatch=True)


@given(NAME, st.lists(NAME, max_size=3), st.text() | st.none())
def test_the_three_cases_of_a_placeholder_are_those_of_the_reference(
    root: str, below: list[str], value: str | None
) -> None:
    """No such root: it stays. A root, but nothing at the end of the path: empty. Else the value."""
    placeholder = "{{ " + ".".join([root, *below]) + " }}"
    assert handlebars(placeholder, {f"not-{root}": "x"}) == placeholder
    assert handlebars(placeholder, {root: {"elsewhere!": "x"} if below else None}) == ""
    payload: Any = value
    for part in reversed([root, *below]):
        payload = {part: payload}
    assert handlebars(placeholder, payload) == (value or "")


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    assert handlebars("{{a}}{{b}}", {"a": "{{b}}", "b": "{{a}}"}) == "{{b}}{{a}}"


NUMBERS = [
    (1.0, "1"),
    (-0.0, "0"),
    (0.1, "0.1"),
    (1e-6, "0.000001"),
    (1e-7, "1e-7"),
    (1.5e-7, "1.5e-7"),
    (-123.456, "-123.456"),
    (1e16, "10000000000000000"),
    (123456789012345680000.0, "123456789012345680000"),
    (1e21, "1e+21"),
    (1.5e300, "1.5e+300"),
    (2**53 + 1, "9007199254740992"),
    (10**400, "Infinity"),
    (-(10**400), "-Infinity"),
    (float("nan"), "NaN"),
    (5e-324, "5e-324"),
]


@pytest.mark.parametrize(("number", "written"), NUMBERS)
def test_numbers_are_written_as_javascript_writes_them(number: float, written: str) -> None:
    assert handlebars("{{n}}", {"n": number}) == written


@given(st.floats(allow_nan=False))
def test_a_number_that_was_written_reads_back_as_itself(number: float) -> None:
    assert float(handlebars("{{n}}", {"n": number})) == number


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_a_text_without_placeholders_stays_as_it_is(template: str, payload: dict[str, str]) -> None:
    plain = template.replace("{{", "{")
    assert handlebars(plain, payload) == plain


@given(st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True), st.text(), st.text(), st.text())
def test_a_string_arrives_as_it_is(name: str, before: str, value: str, after: str) -> None:
    before, after = before.replace("{", ""), after.replace("}", "")
    assert handlebars(before + "{{ " + name + " }}" + after, {name: value}) == before + value + after
