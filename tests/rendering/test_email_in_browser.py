"""Our emails in a real browser: nothing sticks out, nothing is loaded, and everybody can read them.

Needs Chromium (CHROMIUM names it). Without one they are skipped, and fail where all tools must be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from gateway.core.data_files import folder
from gateway.core.model import Channel, UsageType
from gateway.rendering import Renderer
from gateway.rendering.templates import sample
from tests.support.browser import LOOK, browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

__all__ = ["browser"]  # a fixture: pytest finds it by its name here

RENDERER = Renderer([folder("templates")])
LOCALES = ("en", "zh-CN")
LONG: dict[str, Any] = {
    "link": "https://auth.example.com/invitation?token=" + "a1b2c3d4" * 40,
    "organization": {"name": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"},
    "inviter": {"name": "W" * 60},
    "application": {"name": "M" * 60},
}
Scheme = Literal["light", "dark"]


def shown(
    browser: Browser,
    usage_type: UsageType,
    locale: str,
    *,
    scheme: Scheme = "light",
    width: int = 375,
    **payload: Any,
) -> Page:
    page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 640}).new_page()
    html = RENDERER.render(usage_type, Channel.EMAIL, sample(usage_type) | payload, locale).html
    assert html is not None
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    assert asked == []
    return page


def close(page: Page) -> None:
    page.context.close()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("usage_type", UsageType)
def test_nothing_sticks_out_on_a_narrow_phone_and_nothing_is_loaded(
    browser: Browser, usage_type: UsageType, locale: str
) -> None:
    payloads: list[dict[str, Any]] = [{}, {**LONG, "code": "ABCD-EFGH-IJKL-MNOP-QRST"}]
    for payload in payloads:
        page = shown(browser, usage_type, locale, width=320, **payload)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        close(page)


def luminance(color: list[float]) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [part / 255 for part in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("usage_type", [UsageType.SIGN_IN, UsageType.ORGANIZATION_INVITATION])
def test_every_word_can_be_read_in_light_and_in_dark(
    browser: Browser, usage_type: UsageType, scheme: Scheme
) -> None:
    page = shown(browser, usage_type, "en", scheme=scheme)
    words = page.evaluate(LOOK)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    close(page)
    assert len(words) > 5
    for one in words:
        ratio = contrast(one["color"], one["behind"])
        assert ratio >= 4.5, f"{one['text']!r} has a contrast of {ratio:.1f} in {scheme}"  # WCAG 2.2, 1.4.3
        assert one["size"] >= 13
    assert background == ("rgb(243, 244, 246)" if scheme == "light" else "rgb(14, 17, 22)")


@pytest.mark.parametrize("width", [375, 700])
def test_the_code_is_large_on_one_line_and_selected_whole(browser: Browser, width: int) -> None:
    page = shown(browser, UsageType.SIGN_IN, "en", width=width)
    code = page.locator(".code")
    look = code.evaluate("e => { const s = getComputedStyle(e); return [parseFloat(s.fontSize), s.userSelect] }")
    assert look[0] >= 32
    assert look[1] == "all"
    assert code.bounding_box()["height"] < 100  # type: ignore[index]  # it is visible, so it has a box
    code.click()
    selected = page.evaluate("getSelection().toString().trim()")
    close(page)
    assert selected == "246810"


def test_the_button_is_large_enough_for_a_thumb_and_leads_where_it_says(browser: Browser) -> None:
    page = shown(browser, UsageType.ORGANIZATION_INVITATION, "zh-CN")
    button = page.locator(".button a")
    box = button.bounding_box()
    address = button.get_attribute("href")
    close(page)
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] > 200
    assert address == sample(UsageType.ORGANIZATION_INVITATION)["link"]


def test_the_preheader_is_not_shown(browser: Browser) -> None:
    page = shown(browser, UsageType.SIGN_IN, "en")
    assert not page.locator(".preheader").is_visible()
    assert "10 minutes. If this" not in page.inner_text("body")
    close(page)
