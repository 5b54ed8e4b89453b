"""The pytest plugin, in runs of its own. Where a gateway is needed it is a stand-in: see scripted.py."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from connector_gateway.versions import API_VERSION
from tests.kit.scripted_gateway import Scripted

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("no_gateway_named")

LOADED = """
import sys, pytest
before = set(sys.modules)
import connector_gateway.plugin

print(*sorted(set(sys.modules) - before))
"""

WHERE = """
    def test_where(gateway):
        assert gateway.url == {url!r}
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A run in which every warning is an error, with this plugin alone: the other ones here cost a second a run.

    That it is found by itself is proven in test_with_the_real_server.py.
    """
    return pytester.runpytest_inprocess(
        "-p", "connector_gateway.plugin", "-p", "no:schemathesis", "-W", "error", *arguments
    )


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_a_run_that_asks_for_no_gateway_loads_neither_http_nor_the_server() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOADED],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(found.stdout.split())
    assert "connector_gateway.plugin" in loaded
    assert not loaded & {"http.client", "ssl", "email", "asyncio", "aiohttp", "gateway"}


def test_a_run_that_asks_for_no_gateway_connects_to_none(pytester: pytest.Pytester, scripted: Scripted) -> None:
    pytester.makepyfile("def test_other(): pass")
    run(pytester, f"--gateway-url={scripted.url}").assert_outcomes(passed=1)
    assert scripted.asked == []


def test_the_option_goes_before_the_environment_and_the_environment_before_the_ini(
    pytester: pytest.Pytester, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.tell({"version": "0", "apiVersion": API_VERSION})
    pytester.makepyfile(WHERE.format(url=scripted.url))
    pytester.makeini(f"[pytest]\ngateway_url = {scripted.url}")
    run(pytester).assert_outcomes(passed=1)
    pytester.makeini("[pytest]\ngateway_url = http://ini.invalid")
    monkeypatch.setenv("CONNECTOR_GATEWAY_URL", scripted.url)
    run(pytester).assert_outcomes(passed=1)
    monkeypatch.setenv("CONNECTOR_GATEWAY_URL", "http://environment.invalid")
    result = run(pytester, f"--gateway-url={scripted.url}")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"connector-gateway 0, {scripted.url} (--gateway-url)"])


def test_the_token_comes_from_the_option_or_the_environment(
    pytester: pytest.Pytester, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.tell({"version": "0", "apiVersion": API_VERSION})
    pytester.makepyfile(WHERE.format(url=scripted.url))
    monkeypatch.setenv("CONNECTOR_GATEWAY_TOKEN", "of the environment")
    run(pytester, f"--gateway-url={scripted.url}").assert_outcomes(passed=1)
    assert scripted.last.headers["Authorization"] == "Bearer of the environment"
    run(pytester, f"--gateway-url={scripted.url}", "--gateway-token=given").assert_outcomes(passed=1)
    assert scripted.last.headers["Authorization"] == "Bearer given"


def test_a_named_gateway_that_is_not_there_is_a_failure_that_says_what_to_do(
    pytester: pytest.Pytester, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("def test_it(gateway): pass")
    monkeypatch.setenv("CONNECTOR_GATEWAY_URL", nobody)
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"no gateway answers at {nobody}: *It was named by CONNECTOR_GATEWAY_URL: start it there with *"]
    )


def test_a_named_gateway_that_wants_a_token_says_how_to_give_it(
    pytester: pytest.Pytester, scripted: Scripted
) -> None:
    scripted.refuse(401, "auth.unauthorized", "the API token is missing or wrong")
    pytester.makepyfile("def test_it(gateway): pass")
    result = run(pytester, f"--gateway-url={scripted.url}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the API token is missing or wrong*--gateway-token or CONNECTOR_GATEWAY_TOKEN."])


def test_an_address_that_is_none_is_a_failure_that_names_its_source(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(gateway): pass")
    result = run(pytester, "--gateway-url=localhost:4650")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["--gateway-url: the gateway's URL must look like *"])


def test_a_gateway_url_that_was_exported_for_the_command_line_captures_no_test_run(
    pytester: pytest.Pytester, nobody: str, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_URL", nobody)
    monkeypatch.setenv("GATEWAY_TOKEN", "of the command line")
    scripted.tell({"apiVersion": API_VERSION})
    pytester.makepyfile(WHERE.format(url=scripted.url))
    pytester.makeini(f"[pytest]\ngateway_url = {scripted.url}")
    run(pytester).assert_outcomes(passed=1)
    assert "Authorization" not in scripted.last.headers


def test_the_command_of_the_ini_is_started_relative_to_the_ini(
    pytester: pytest.Pytester, scripted: Scripted
) -> None:
    pytester.makeini("[pytest]\ngateway_command = tools/server --for 'these tests'")
    command = pytester.mkdir("tools") / "server"
    announcement = json.dumps({"url": scripted.url, "version": "9.8", "apiVersion": API_VERSION})
    command.write_text(f"#!/bin/sh\necho \"$*\" > '{pytester.path}/arguments'\necho '{announcement}'\ncat\n")
    command.chmod(0o755)
    pytester.makepyfile(WHERE.format(url=scripted.url))
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"connector-gateway 9.8, own server on {scripted.url.removeprefix('http://')}"])
    assert (
        (pytester.path / "arguments").read_text().startswith("--for these tests serve --host 127.0.0.1 --port 0 ")
    )


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        (
            API_VERSION - 1,
            f"too old for this kit: it has API version {API_VERSION - 1}, and the kit needs {API_VERSION}.",
        ),
        (API_VERSION, None),
        (API_VERSION + 1, None),
        (
            API_VERSION + 2,
            f"too new for this kit: it has API version {API_VERSION + 2}, and the kit needs {API_VERSION}.",
        ),
        (None, f"too old for this kit: it has API version 0, and the kit needs {API_VERSION}."),
    ],
)
def test_a_gateway_is_used_if_its_api_is_this_kits_or_one_newer(
    pytester: pytest.Pytester, scripted: Scripted, version: int | None, outcome: str | None
) -> None:
    scripted.tell({"version": "0", "apiVersion": version})
    pytester.makepyfile("def test_it(gateway): pass")
    result = run(pytester, f"--gateway-url={scripted.url}")
    if outcome is None:
        result.assert_outcomes(passed=1)
    else:
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([f"the gateway at {scripted.url} is {outcome} Upgrade *"])


def test_a_failed_wait_shows_the_near_misses_at_the_line_of_the_test(
    pytester: pytest.Pytester, scripted: Scripted
) -> None:
    scripted.tell({"version": "0", "apiVersion": API_VERSION})
    miss = {"reason": "refused", "message": "aliyun-sms refused SendSms with SignatureDoesNotMatch", "at": None}
    scripted.tell({"timedOut": True, "nearMisses": [miss], "cursor": 0})
    pytester.makepyfile("def test_it(gateway):\n    gateway.code('+8613800138000', timeout=0)")
    result = run(pytester, f"--gateway-url={scripted.url}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">   *gateway.code('+8613800138000', timeout=0)",
            "E   *CodeTimeout: no code for +8613800138000 within 0 s",
            "E   *what was refused:",
            "E   *refused: aliyun-sms refused SendSms with SignatureDoesNotMatch",
            "*.py:2: CodeTimeout",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*waiting.py*")


def test_a_failed_test_leaves_no_fault_and_no_moved_clock_behind(
    pytester: pytest.Pytester, scripted: Scripted
) -> None:
    scripted.tell({"apiVersion": API_VERSION, "id": "fault_1", "now": "2026-11-21T10:20:30.123Z", "faults": []})
    pytester.makepyfile(
        """
        def test_it(gateway):
            gateway.fault(hang=True)
            gateway.clock.freeze()
            assert False
        """
    )
    run(pytester, f"--gateway-url={scripted.url}").assert_outcomes(failed=1)
    assert [(one.line, one.body) for one in scripted.asked if one.method != "GET"][2:] == [
        ("POST /api/clock", {"reset": True}),
        ("DELETE /api/faults/fault_1", None),
    ]


def test_a_project_may_bring_its_own_server(pytester: pytest.Pytester, scripted: Scripted) -> None:
    pytester.makeconftest(
        f"""
        import pytest
        from connector_gateway import ExternalServer

        @pytest.fixture(scope="session")
        def gateway_server():
            return ExternalServer({scripted.url!r}, "own")
        """
    )
    scripted.tell({"status": "ok"})
    pytester.makepyfile("def test_it(gateway): gateway.status()")
    run(pytester).assert_outcomes(passed=1)
    assert scripted.last.headers["Authorization"] == "Bearer own"
