"""Pages of other origins in a real browser: they read nothing and change nothing. The gateway's own go on working.

Needs Chromium (CHROMIUM names it). Without one they are skipped, and fail where all tools must be there.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from connector_gateway import ExternalServer
from tests.support.browser import chromium
from tests.support.gateway_processes import forked
from tests.support.signed_targets import NUMBER, details, send_sms, ses_form

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CODE = "864209"
# Chromium itself keeps pages of the internet from the local network. The gateway must not need that.
ARGUMENTS = (
    "--host-resolver-rules=MAP gateway 127.0.0.1, MAP evil.example 127.0.0.1",
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
)
PAGE = "<!doctype html><title>a page</title><body></body>"

# Everything a page can try. Returns what it could read.
ATTACK = """async ({base, sms, details, ses, sesForm}) => {
  const read = [];
  const settled = promise => promise.catch(() => {});
  const loaded = element => new Promise(resolve => {
    element.onload = element.onerror = () => resolve();
    document.body.append(element);
  });
  const text = async (path, options) => {
    const answer = await fetch(base + path, options);
    read.push(`${answer.type} ${answer.status} ${await answer.text()}`);
  };
  for (const mode of ["no-cors", "cors"]) {
    for (const path of [details[mode], sms[mode], "/api/captures", "/api/exchanges", "/api/providers"])
      await settled(text(path, {mode}));
    for (const [path, body] of [
      ["/api/reset", "{}"],
      ["/api/codes/13800138000", ""],
      ["/api/clock", '{"advance": 600}'],
      ["/api/messages", '{"to": "13800138000", "type": "SignIn", "payload": {"code": "111111"}}'],
      ["/api/connectors/sms/send", '{"to": "13800138000", "type": "SignIn", "payload": {"code": "111111"}}'],
      [ses, sesForm],
      ["/v2/email/outbound-emails" + ses.slice(1), "{}"],
    ])
      for (const kind of ["text/plain", "application/x-www-form-urlencoded", "application/json"])
        await settled(text(path, {mode, method: "POST", headers: {"Content-Type": kind}, body}));
  }
  navigator.sendBeacon(base + "/api/reset", "{}");
  for (const path of [sms.img, "/api/captures"]) {
    const image = new Image();
    image.src = base + path;
    await loaded(image);
  }
  const script = document.createElement("script");
  script.src = base + "/api/captures";
  await loaded(script);
  for (const [method, action, enctype] of [
    ["POST", ses, "application/x-www-form-urlencoded"],
    ["POST", ses, "text/plain"],
    ["POST", "/api/reset", "text/plain"],
    ["POST", "/api/codes/13800138000", "text/plain"],
    ["GET", sms.form, ""],
  ]) {
    const frame = document.createElement("iframe");
    frame.name = "f" + Math.random();
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, {method, target: frame.name, action: base + action});
    if (enctype) form.enctype = enctype;
    const pairs = new URLSearchParams(method === "GET" ? action.slice(2) : sesForm);
    for (const [name, value] of pairs) {
      const input = document.createElement("input");
      Object.assign(input, {type: "hidden", name, value});
      form.append(input);
    }
    document.body.append(form);
    const done = new Promise(resolve => { frame.onload = resolve; setTimeout(resolve, 2000); });
    HTMLFormElement.prototype.submit.call(form);
    await done;
    try { read.push("frame " + frame.contentDocument.body.innerText); } catch { /* of another origin */ }
  }
  const events = new EventSource(base + "/api/events?after=0");
  await new Promise(resolve => {
    setTimeout(resolve, 5000);
    events.onerror = resolve;
    events.onopen = () => { read.push("events"); resolve(); };
  });
  events.close();
  return read;
}"""


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of a web server of others."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*ARGUMENTS) as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalServer]:
    with forked(tmp_path_factory.mktemp("gateway")) as server:
        yield server


@pytest.fixture
def port(server: ExternalServer) -> int:
    found = urlsplit(server.url).port
    assert found is not None
    return found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@contextmanager
def untouched(server: ExternalServer) -> Iterator[None]:
    """A gateway with one message, on which nothing may change; requests must have come and been refused."""
    ask(server, "POST", "/api/reset", {})
    ask(
        server,
        "POST",
        "/api/faults",
        {"provider": "aliyun-sms", "to": "13900139000", "error": {"code": "isv.BUSINESS_LIMIT_CONTROL"}},
    )
    ask(server, "POST", "/api/messages", {"to": NUMBER, "type": "SignIn", "payload": {"code": CODE}})
    before = state(server)
    yield
    assert state(server) == before
    refused = [one for one in exchanges(server) if not one["accepted"]]
    assert {one["provider"] for one in refused} == {"aliyun-sms", "aws-ses"}
    assert {one["code"] for one in refused} <= {"Forbidden.RAM", "AccessDenied", "AccessDeniedException"}


def ask(server: ExternalServer, method: str, path: str, body: object = None) -> Any:
    """What the API answers to a program."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(server.url + path, data, {"Content-Type": "application/json"}, method=method)
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)


def exchanges(server: ExternalServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(server, "GET", "/api/exchanges?limit=200")["exchanges"]
    return found


def state(server: ExternalServer) -> dict[str, Any]:
    """What a page could have changed."""
    return {
        "accepted": [one["id"] for one in exchanges(server) if one["accepted"]],
        "captures": ask(server, "GET", "/api/captures")["captures"],
        "clock": ask(server, "GET", "/api/clock")["offsetSeconds"],
        "faults": ask(server, "GET", "/api/faults"),
        "messages": ask(server, "GET", "/api/messages")["messages"],
    }


def attack(frame: Page | Frame, base: str) -> None:
    target, form = ses_form()
    uses = ("no-cors", "cors", "img", "form")
    found = frame.evaluate(
        ATTACK,
        {
            "base": base,
            "sms": {use: send_sms() for use in uses},
            "details": {use: details() for use in uses},
            "ses": target,
            "sesForm": form.decode(),
        },
    )
    assert not [one for one in found if CODE in one or " 200 " in one or one == "events"], found


BASES = ("localhost", "127.0.0.1", "gateway")


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "evil.example"])
def test_a_page_of_another_port_or_host_reads_and_changes_nothing(
    server: ExternalServer, page: Page, site: int, port: int, name: str, base: str
) -> None:
    with untouched(server):
        page.goto(f"http://{name}:{site}/")
        attack(page, f"http://{base}:{port}")
        page.goto(f"http://{name}:{site}/")
        page.evaluate("url => { location.href = url }", f"http://{base}:{port}{send_sms()}")
        page.wait_for_url(f"http://{base}:{port}/**")
        assert CODE not in page.content()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_same_port_by_another_name_is_another_origin(
    server: ExternalServer, page: Page, port: int, name: str
) -> None:
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}[name]
    with untouched(server):
        serve_page(page, f"http://{name}:{port}/page")
        attack(page, f"http://{other}:{port}")


def test_after_dns_rebinding_a_page_reads_and_changes_nothing(
    server: ExternalServer, page: Page, port: int
) -> None:
    """Its own name leads to the gateway, so that requests have its own origin."""
    with untouched(server):
        serve_page(page, f"http://evil.example:{port}/page")
        attack(page, f"http://evil.example:{port}")


@pytest.mark.parametrize("base", BASES)
def test_a_sandboxed_frame_reads_and_changes_nothing(
    server: ExternalServer, page: Page, port: int, site: int, base: str
) -> None:
    with untouched(server):
        page.goto(f"http://localhost:{site}/")
        page.set_content('<iframe sandbox="allow-scripts allow-forms" srcdoc="<body></body>"></iframe>')
        frame = page.frames[1]
        assert frame.evaluate("origin") == "null"
        attack(frame, f"http://{base}:{port}")


@pytest.mark.parametrize("base", BASES)
def test_a_file_reads_and_changes_nothing(
    server: ExternalServer, page: Page, port: int, tmp_path: Path, base: str
) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    with untouched(server):
        page.goto((tmp_path / "page.html").as_uri())
        attack(page, f"http://{base}:{port}")


@pytest.mark.parametrize("base", BASES)
def test_the_gateways_own_page_uses_the_api(server: ExternalServer, page: Page, port: int, base: str) -> None:
    page.goto(f"http://{base}:{port}/api/docs")
    page.get_by_text("/api/connectors/{id}/send").first.wait_for()
    for method, path in (("GET", "/api/clock"), ("POST", "/api/reset")):
        script = "async ([method, path]) => (await fetch(path, {method, body: method === 'GET' ? undefined : '{}', "
        script += "headers: {'Content-Type': 'application/json'}})).status"
        assert page.evaluate(script, [method, path]) == 200


def test_a_link_on_another_page_opens_a_page_of_the_gateway(
    server: ExternalServer, page: Page, port: int, site: int
) -> None:
    page.goto(f"http://localhost:{site}/")
    page.evaluate("url => { location.href = url }", f"http://localhost:{port}/api/docs")
    page.get_by_text("/api/connectors/{id}/send").first.wait_for()


@pytest.mark.parametrize("base", BASES)
def test_playwrights_request_api_is_no_browser(
    server: ExternalServer, browser: Browser, port: int, base: str
) -> None:
    # It resolves names itself.
    host = "127.0.0.1" if base == "gateway" else base
    context = browser.new_context(user_agent="Mozilla/5.0 (X11; Linux x86_64)", locale="en-GB")
    headers = {"Host": f"{base}:{port}"}
    for answer in (
        context.request.get(f"http://{host}:{port}/api/clock", headers=headers),
        context.request.post(f"http://{host}:{port}/api/reset", data={}, headers=headers),
    ):
        assert answer.status == 200
    context.close()


@pytest.mark.parametrize("connector", ["oauth2", "oidc", "huggingface"])
def test_a_person_signs_in_from_a_link_on_another_page(
    server: ExternalServer, page: Page, port: int, site: int, connector: str
) -> None:
    base = f"http://localhost:{port}"
    page.goto(f"http://localhost:{site}/")
    page.evaluate("url => { location.href = url }", f"{base}/api/connectors/{connector}/start")
    page.locator("button[name=persona]").first.click()
    page.wait_for_url(f"{base}/api/connectors/{connector}/callback**")
    assert '"rawData"' in page.content()


def serve_page(page: Page, url: str) -> None:
    """Open a page of others at an address of the gateway, as before DNS rebinding."""
    page.route(url, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(url)
