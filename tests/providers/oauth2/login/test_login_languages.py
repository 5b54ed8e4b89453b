"""The pages in the reader's language: which one, that each has every word, and that none shows another's."""

from __future__ import annotations

import json
import re
import string
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from gateway.providers.oauth2.fake import pages
from gateway.providers.oauth2.fake.kept import seeded_personas
from gateway.providers.oauth2.fake.pages import words
from tests.providers.oauth2.login.flows import Flow
from tests.providers.oauth2.login.test_login_page import press
from tests.support.raw_http import Answer

FOLDER = Path(pages.__file__).parent
CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
EVERY = pytest.mark.parametrize("lang", words.LANGUAGES)


def data(lang: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((FOLDER / "words" / f"{lang}.json").read_text("utf-8"))
    return found


def text(page: Answer) -> str:
    """What a reader sees of it, without the values of fields."""
    body = page.body.decode().partition("<body>")[2]
    return unescape(re.sub(r"<code>.*?</code>|<option.*?</option>|<[^>]+>", " ", body))


@pytest.mark.parametrize(
    ("ui_locales", "accept_language", "lang"),
    [
        (None, None, "en"),
        (None, "zh-CN", "zh-CN"),
        (None, "zh", "zh-CN"),
        (None, "ZH-hans-CN, en;q=0.5", "zh-CN"),
        (None, "zh-TW;q=0.7,de", "zh-CN"),
        (None, "en;q=0.3, zh;q=0.31", "zh-CN"),
        (None, "zh;q=0, en", "en"),
        (None, "fr, de;q=0.9, *;q=0.1", "en"),
        (None, "zh;q=nonsense, ;;, zhx", "en"),
        (None, "de," * 50 + "zh", "en"),
        ("zh-CN en", "en", "zh-CN"),
        ("fr-CA en-GB zh", "zh-CN", "en"),
        ("fr", "zh-CN", "zh-CN"),
        ("fr", None, "en"),
        ("../../etc/passwd zh_CN", None, "en"),
    ],
)
def test_the_language_is_the_first_that_there_is(
    ui_locales: str | None, accept_language: str | None, lang: str
) -> None:
    assert words.chosen(ui_locales, accept_language).lang == lang


@EVERY
def test_a_language_has_every_text_with_the_same_places_in_it(lang: str) -> None:
    def places(one: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(one) if name is not None}

    english, own = data("en"), data(lang)
    assert own.keys() == english.keys()
    for kind in ("texts", "scopes"):
        assert list(own[kind]) == list(english[kind])
        assert {name: places(one) for name, one in own[kind].items()} == {
            name: places(one) for name, one in english[kind].items()
        }
    assert all(one.strip() for kind in own.values() for one in kind.values())


def test_every_text_is_used_and_every_text_that_is_used_is_there() -> None:
    sources = [*FOLDER.glob("*.html"), *FOLDER.glob("*.py"), *FOLDER.parent.glob("*.py")]
    code = "\n".join(one.read_text("utf-8") for one in sources)
    used = set(re.findall(r'say\("([a-z_]+)"', code))
    # By their values: the choices of a truth value, and what the plan of a sign-in has to say.
    used |= {"true", "false", "left_out", "nobody_hinted", "somebody_else"}
    assert used == data("en")["texts"].keys()


def test_what_the_fixtures_say_of_their_personas_is_translated() -> None:
    assert {row.note for row in seeded_personas().values()} == data("zh-CN")["notes"].keys()


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
async def test_every_page_is_in_one_language(flow: Flow, lang: str) -> None:
    headers = CHINESE if lang == "zh-CN" else {"Accept-Language": "en"}
    target = f"{flow.base}/authorize"
    asked = "&".join(f"{name}={value}" for name, value in flow.asked(prompt="consent").items()).replace(" ", "+")
    pick = await flow.server.ask("GET", f"{target}?{asked}", headers=headers)
    edit = await press(flow, pick, ("edit", "ada"), headers=headers)
    wrong = await press(
        flow, edit, ("claim.address", "{no"), ("more.value", "x"), ("edited", "yes"), headers=headers
    )
    consent = await press(flow, pick, ("persona", "ada"), headers=headers)
    nobody = await press(flow, pick, ("persona", "mallory"), headers=headers)
    form = await flow.server.ask("GET", f"{target}?{asked}&response_mode=form_post&login_hint=ada", headers=headers)
    error = await flow.server.ask("GET", f"{target}?client_id=", headers=headers)
    out = await flow.server.ask("GET", f"{flow.base}/logout", headers=headers)
    others = data("zh-CN" if lang == "en" else "en")["texts"]
    # `name` is a claim, too.
    told = {one for name, one in others.items() if "{" not in one and not name.endswith("_short")}
    for page in (pick, edit, wrong, consent, nobody, form, error, out):
        assert f'<html lang="{lang}">'.encode() in page.body
        assert page.header("content-language") == lang
        seen = {part.strip() for part in text(page).splitlines()}
        assert seen.isdisjoint(told), seen & told
    own: dict[str, Any] = data(lang)["texts"]
    assert own["no_json"] in text(wrong)
    assert own["no_name"] in text(wrong)
    assert own["nobody"] in text(nobody)
    assert data(lang)["scopes"]["email"] in text(consent)
    assert own["signed_out_here"] in text(out)
    assert own["not_sent"] in text(error)
    assert '<p class="soft" lang="en">client_id is missing</p>' in error.body.decode()


async def test_a_note_of_somebody_else_and_what_the_claims_say_are_shown(flow: Flow) -> None:
    await flow.server.ask("PUT", "/api/personas/noted", {"note": "the auditor"})
    await flow.server.ask("PUT", "/api/personas/new", {"claims": {"email": "n@example.com"}})
    page = text(await flow.authorize(ui_locales="zh-CN"))
    assert "the auditor" in page
    assert "n@example.com（未验证）" in page
    assert "资料齐全" in page
