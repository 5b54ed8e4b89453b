"""The recipes of docs/testing-recipes.md, each in a project of its own."""

from __future__ import annotations

import os
import re
import shutil

import pytest

from tests.docs.test_examples import ROOT

pytest_plugins = ("pytester",)
pytestmark = pytest.mark.slow  # a run of pytest and a server each

BLOCKS = dict(
    re.findall(
        r"(?ms)^```python\n# ([^\n]+)\n(.*?)^```$", (ROOT / "docs" / "testing-recipes.md").read_text("utf-8")
    )
)
RUN = ("session", "async", "unittest", "own fixture")
OTHERS = {"app.py", "conftest.py of configuration", "conftest.py of xdist", "playwright"}

SIMPLE = """
import os

def test_{name}(gateway):
    phone = gateway.phone()
    gateway.send(phone, code="246810")
    assert gateway.code(phone) == "246810"
    with open("urls", "a") as urls:
        urls.write(gateway.url + "\\n")
"""

PAGE = """<form action=/code><label>Phone <input name=phone></label><button>Send code</button></form>"""
CODE = """<form action=/in><label>Code <input name=code></label><button>Sign in</button></form>"""
SHOP = """
import pytest, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from app import App
from connector_gateway import Gateway

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {{**browser_type_launch_args, "executable_path": {chromium!r}, "args": ["--no-sandbox"]}}

@pytest.fixture
def shop(gateway):
    app, phones = App(gateway.env()), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            body = {page!r}
            if url.path == "/code":
                phones.append(query["phone"][0])
                app.request_code(phones[0])
                body = {code!r}
            elif url.path == "/in":
                body = "Welcome" if app.sign_in(phones[0], query["code"][0]) else "Wrong"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{{server.server_port}}/"
        server.shutdown()
"""


def test_every_recipe_is_run_here() -> None:
    assert set(BLOCKS) == {*RUN, *OTHERS}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("CONNECTOR_GATEWAY_URL", raising=False)
    pytester.makepyfile(app=BLOCKS["app.py"])
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments)


@pytest.mark.parametrize("name", RUN)
def test_a_recipe_passes(project: pytest.Pytester, name: str) -> None:
    project.makepyfile(test_recipe=BLOCKS[name])
    run(project).assert_outcomes(passed=1)


def test_the_recipe_with_a_configuration_passes(project: pytest.Pytester) -> None:
    project.makeconftest(BLOCKS["conftest.py of configuration"])
    project.makefile(".yaml", gateway="fakes:\n  aliyun-sms:\n    strict: true\n")
    project.makepyfile(SIMPLE.format(name="it"))
    run(project).assert_outcomes(passed=1)


def test_the_recipe_for_xdist_has_two_hundred_tests_share_one_server(project: pytest.Pytester) -> None:
    project.makeconftest(BLOCKS["conftest.py of xdist"])
    project.makepyfile("\n".join(SIMPLE.format(name=f"number_{at}") for at in range(200)))
    run(project, "-n", "4").assert_outcomes(passed=200)
    urls = (project.path / "urls").read_text().split()
    assert (len(urls), len(set(urls))) == (200, 1)


def test_the_recipe_for_playwright_passes(project: pytest.Pytester) -> None:
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        if os.environ.get("GATEWAY_REQUIRE_ALL"):
            pytest.fail("Chromium is missing: install it, or name it in CHROMIUM")
        pytest.skip("needs Chromium")  # make test-all and CI fail instead: GATEWAY_REQUIRE_ALL
    project.makeconftest(SHOP.format(chromium=chromium, page=PAGE, code=CODE))
    project.makepyfile(test_recipe=BLOCKS["playwright"])
    run(project, "-p", "no:asyncio").assert_outcomes(passed=1)
