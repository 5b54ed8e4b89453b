"""The kit beside pytest-playwright's sync `page`, which runs an event loop during the whole session."""

from __future__ import annotations

import os
import shutil

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {{**browser_type_launch_args, "executable_path": {chromium!r}, "args": ["--no-sandbox"]}}
"""

SUITE = """
import asyncio
import pytest
from connector_gateway import CodeTimeout

def test_a_loop_is_marked_as_running(page):
    assert asyncio.get_running_loop().is_running()

def test_sign_in(page, gateway):
    phone = gateway.phone()
    page.route("http://app.test/**", lambda route: serve(route, gateway, phone))
    page.goto("http://app.test/")
    page.get_by_role("button").click()
    page.wait_for_url("**/code")
    code = gateway.code(phone)
    assert page.title() == "sent"
    gateway.send(phone, code="222222")
    assert gateway.message(phone).code == "222222"
    before = gateway.clock.now
    assert (gateway.clock.advance(minutes=11) - before).total_seconds() >= 660
    gateway.assert_none(phone, within=0)
    with pytest.raises(CodeTimeout):
        gateway.code(phone, timeout=0)
    assert code == "111111"

def serve(route, gateway, phone):
    if route.request.url.endswith("/code"):
        # Inside of an event handler the loop's own task may be current: sending does not wait, and works.
        gateway.send(phone, code="111111")
        route.fulfill(body="<title>sent</title>", content_type="text/html")
    else:
        route.fulfill(body="<button onclick=\\"location = '/code'\\">Send</button>", content_type="text/html")
"""


@pytest.mark.slow  # a browser and a server
@pytest.mark.usefixtures("no_gateway_named")
def test_calls_and_waits_work_beside_the_page_of_pytest_playwright(pytester: pytest.Pytester) -> None:
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        if os.environ.get("GATEWAY_REQUIRE_ALL"):
            pytest.fail("Chromium is missing: install it, or name it in CHROMIUM")
        pytest.skip("needs Chromium")  # make test-all and CI fail instead: GATEWAY_REQUIRE_ALL
    pytester.makeconftest(CONFTEST.format(chromium=chromium))
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:schemathesis")
    result.assert_outcomes(passed=2)
