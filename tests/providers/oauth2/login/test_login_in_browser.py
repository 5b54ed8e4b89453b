"""The login page in a real browser: signed in by keyboard only, without JavaScript, in light and dark, on a phone.

Needs Chromium (CHROMIUM names it). Without one they are skipped, and fail where all tools must be there.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from connector_gateway import Client, Gateway
from tests.support.browser import LOOK, browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

__all__ = ["browser"]  # a fixture: pytest finds it by its name here

Scheme = Literal["light", "dark"]

# Controls without a name for a screen reader, and ids that labels and descriptions name but nobody has.
NAMELESS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
  .filter(e => !(e.getAttribute("aria-label") || [...(e.labels || [])].some(l => l.textContent.trim())
    || (e.tagName === "BUTTON" && e.textContent.trim())))
  .map(e => e.outerHTML)
  .concat([...document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]")]
    .flatMap(e => ["aria-describedby", "aria-labelledby", "for"].map(a => e.getAttribute(a)).filter(Boolean))
    .filter(id => !document.getElementById(id)))"""


class App(ThreadingHTTPServer):
    """``came`` has the parameters of each visit to the redirect URI."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.came: list[dict[str, str]] = []
        self.address = f"http://127.0.0.1:{self.server_port}/callback"


class Visit(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def answer(self, pairs: str) -> None:
        if self.path.startswith("/callback"):
            self.server.came.append(dict(parse_qsl(pairs)))  # type: ignore[attr-defined]  # it is an App
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>the app</title>signed in")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def app(gateway: Gateway, back: App) -> Client:
    return gateway.client(secret="a-secret", name="Tulip Market", redirect_uris=[back.address])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 375, "height": 740}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def looking(browser: Browser, scheme: Scheme, width: int) -> Page:
    """Scripts of the test need JavaScript; the page has none (its policy says so)."""
    return browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 740}).new_page()


def asking(gateway: Gateway, client: Client, **more: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": client.raw["redirectUris"][0],
        "state": "s1",
        "scope": "openid email",
    }
    return f"{gateway.url}/fakes/oauth2/oidc/authorize?{urlencode({**asked, **more})}"


@pytest.fixture
def back() -> Iterator[App]:
    """The app: it keeps what a browser that comes back brings along."""
    with App() as app:
        thread = threading.Thread(target=app.serve_forever, args=(0.01,))
        thread.start()
        yield app
        app.shutdown()
        thread.join()


def keyboard(page: Page, label: str) -> None:
    """Go there by Tab alone, and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        name = focused.get_attribute("aria-label") or focused.inner_text()
        if label in name:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    pytest.fail(f"Tab never came to {label}")


def test_a_persona_signs_in_by_keyboard_alone_without_javascript(
    gateway: Gateway, app: Client, back: App, page: Page
) -> None:
    grace = gateway.persona("grace", name="Grace Yuen", email="grace@example.com", email_verified=True)
    page.goto(asking(gateway, app))
    keyboard(page, "Grace Yuen")
    assert back.came[0]["state"] == "s1"
    assert "code" in back.came[0]
    signed_in = gateway.oauth_requests("login", client=app)
    assert [one.persona for one in signed_in] == [grace]


def test_claims_are_edited_and_consent_is_given_by_keyboard(
    gateway: Gateway, app: Client, back: App, page: Page
) -> None:
    page.goto(asking(gateway, app, prompt="consent"))
    keyboard(page, "Edit the claims of 李薇")
    page.get_by_label("email", exact=True).fill("li@example.com")
    keyboard(page, "Continue")
    assert page.get_by_role("checkbox").count() == 2
    keyboard(page, "Allow")
    assert "code" in back.came[0]


def test_denying_leads_back_to_the_app(gateway: Gateway, app: Client, back: App, page: Page) -> None:
    page.goto(asking(gateway, app))
    keyboard(page, "Deny")
    assert back.came[0]["error"] == "access_denied"


def test_the_answer_as_a_form_goes_on_by_itself_and_without_javascript_by_a_button(
    gateway: Gateway, app: Client, back: App, page: Page, browser: Browser
) -> None:
    asked = asking(gateway, app, response_mode="form_post", login_hint="ada")
    page.goto(asked)
    assert back.came == []
    keyboard(page, "Continue")
    assert "code" in back.came[0]
    running = looking(browser, "light", 800)
    running.goto(asked)
    running.wait_for_url(back.address)
    running.context.close()
    assert [came["state"] for came in back.came] == ["s1", "s1"]


def test_a_form_post_from_another_site_signs_in_at_our_own_callback(
    gateway: Gateway, browser: Browser, page: Page
) -> None:
    """``localhost`` and ``127.0.0.1`` are two sites to a browser, as the gateway and a provider are."""
    fake = f"{gateway.url}/fakes/oauth2/oidc"
    config = {
        "authorizationEndpoint": f"{fake}/authorize",
        "tokenEndpoint": f"{fake}/token",
        "clientId": "form-post",
        "clientSecret": "a-secret",
        "scope": "openid",
        "idTokenVerificationConfig": {"jwksUri": f"{fake}/jwks"},
        "authRequestOptionalConfig": {"responseMode": "form_post", "loginHint": "ada"},
    }
    body = json.dumps({"id": "posting", "connectorId": "oidc", "config": config}).encode()
    asked = urllib.request.Request(f"{gateway.url}/api/connectors", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked) as made:
        assert made.status == 200
    start = f"{gateway.url.replace('127.0.0.1', 'localhost')}/api/connectors/posting/start"
    running = looking(browser, "light", 800)
    came: list[tuple[str, str | None, bool]] = []

    def note(request: Request) -> None:
        if "/callback" in request.url:
            headers = request.all_headers()
            came.append((request.method, headers.get("origin"), "cookie" in headers))

    running.on("requestfinished", note)
    running.goto(start)
    running.wait_for_url("**/callback?*")
    assert '"id":"1001"' in running.content().replace(" ", "")
    running.context.close()
    assert came[0] == ("POST", "null", False), "this is why it takes two steps"
    assert (came[1][0], came[1][2]) == ("GET", True)
    page.goto(start)
    keyboard(page, "Continue")
    assert '"id":"1001"' in page.content().replace(" ", "")


def luminance(color: list[float]) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [part / 255 for part in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def steps(page: Page, address: str) -> Iterator[str]:
    """Every page that a person may come to."""

    def press(name: str) -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()

    page.goto(address)
    yield "pick"
    press("Edit the claims of Ada Wren")
    yield "edit"
    page.get_by_label("address").fill("{no json")
    press("Continue")
    yield "edit, with a mistake"
    page.get_by_label("address").fill("")
    press("Continue")
    yield "consent"
    page.goto(address.replace("client_id=", "client_id=&x="))
    yield "error"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_read_and_every_control_has_a_name(
    gateway: Gateway, app: Client, browser: Browser, scheme: Scheme
) -> None:
    page = looking(browser, scheme, 375)
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    for step in steps(page, asking(gateway, app, prompt="consent")):
        for one in page.evaluate(LOOK):
            ratio = contrast(one["color"], one["behind"])
            assert ratio >= 4.5, f"{step}: {one['text']!r} has a contrast of {ratio:.1f} in {scheme}"  # WCAG 1.4.3
            assert one["size"] >= 12
        assert page.evaluate(NAMELESS) == [], step
        assert page.locator("h1").count() == 1
        assert page.title()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.context.close()
    assert ground == ("rgb(243, 244, 246)" if scheme == "light" else "rgb(14, 17, 22)")
    # The browser itself reports the 400 of the last one; a broken policy would be reported here too.
    assert [text for text in noise if "400" not in text] == []


def test_nothing_sticks_out_on_a_narrow_phone_however_long_the_names_are(
    gateway: Gateway, browser: Browser
) -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3
    app = gateway.client("W" * 300, secret="s", name=long, redirect_uris=["http://localhost/callback"])
    gateway.persona("long", name=long, email="m" * 200 + "@example.com", ccc="W" * 500)
    page = looking(browser, "light", 320)
    for _ in steps(page, asking(gateway, app, prompt="consent", scope="openid " + "s" * 200)):
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto(asking(gateway, app))
    with page.expect_navigation():
        page.get_by_role("button", name=f"Edit the claims of {long[:50]}").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()


def test_buttons_are_large_enough_for_a_thumb(gateway: Gateway, app: Client, browser: Browser) -> None:
    page = looking(browser, "light", 375)
    page.goto(asking(gateway, app))
    boxes = [button.bounding_box() for button in page.get_by_role("button").all()]
    page.context.close()
    assert len(boxes) > 10
    assert all(box is not None and box["height"] >= 44 for box in boxes)
