"""What a run of pytest shows and leaves behind: the server's name, reports of failures, files, a kept server."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest

from connector_gateway import ExternalServer, Gateway, Server

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("no_gateway_named")

FAILS = """
    import pytest
    from connector_gateway import GatewayError

    def test_it(gateway):
        phone, ada, other = gateway.phone(), gateway.email(), gateway.phone()
        gateway.send(phone, code="246810")
        gateway.send(ada, code="135790")
        gateway.fault(to=other, error="isv.BUSINESS_LIMIT_CONTROL")
        with pytest.raises(GatewayError):
            gateway.send(other)
        assert gateway.code(phone) == "000000"

    def test_good(gateway):
        gateway.send(gateway.phone(), code="999999")
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:schemathesis", "-W", "error", *arguments)


@pytest.fixture
def named(gateway_server: Server | ExternalServer) -> str:
    """The option that names this run's own server, so that none has to be started."""
    return f"--gateway-url={gateway_server.url}"


def test_a_failed_test_has_its_messages_and_refused_requests_in_the_report(
    pytester: pytest.Pytester, named: str
) -> None:
    pytester.makepyfile(FAILS)
    result = run(pytester, named)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*- connector gateway -*",
            "to +86*: SignIn, code 246810 (cap_*, *:*:*): *246810*",
            "to user-*@example.com: SignIn *code 135790 (cap_*): *",
            "refused: aliyun-sms SendSms with isv.BUSINESS_LIMIT_CONTROL*(ex_*)",
        ]
    )
    result.stdout.no_fnmatch_line("*999999*")


def test_a_failed_test_leaves_files_where_it_is_told_to(pytester: pytest.Pytester, named: str) -> None:
    pytester.makepyfile(FAILS)
    run(pytester, named, "--gateway-artifacts=made/artifacts").assert_outcomes(failed=1, passed=1)
    (folder,) = (pytester.path / "made" / "artifacts").iterdir()
    assert folder.name.endswith(".py-test_it")
    messages = json.loads((folder / "messages.json").read_text())
    assert [one["code"] for one in messages] == ["246810", "135790"]
    assert {one["test"].rpartition("::")[2] for one in messages} == {"test_it"}
    assert [one["code"] for one in json.loads((folder / "refused.json").read_text())] == [
        "isv.BUSINESS_LIMIT_CONTROL"
    ]
    (mail,) = folder.glob("*.eml")
    assert b"135790" in mail.read_bytes()
    assert (folder / "report.txt").read_text().startswith("test_a_failed_test_leaves_files")


@pytest.mark.parametrize(
    "call",
    [
        "gateway.code(gateway.phone(), timeout=0)",
        "gateway.send('nobody')",
        "gateway.clock.set('noon')",
        "Gateway('http://127.0.0.1:9').status()",
        "Gateway('http://127.0.0.1:9').oauth_requests(timeout=1)",
        "gateway.fault(nth=0)",
    ],
)
def test_an_error_has_one_short_traceback(pytester: pytest.Pytester, named: str, call: str) -> None:
    pytester.makepyfile(f"from connector_gateway import Gateway\n\ndef test_it(gateway):\n    {call}\n")
    result = run(pytester, named)
    result.assert_outcomes(failed=1)
    shown = result.stdout.str()
    assert re.search(r"^\S+\.py:4: \w+$", shown, re.MULTILINE)
    for word in ("direct cause", "During handling", "connector_gateway/"):
        assert word not in shown


@pytest.mark.slow  # a server
def test_a_kept_server_goes_on_and_is_named_at_the_end(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(gateway): gateway.send('+8613800138000', code='246810')")
    result = run(pytester, "--gateway-keep")
    result.assert_outcomes(passed=1)
    said = re.search(r"the gateway at (\S+) was left running: `kill (\d+)` ends it", result.stdout.str())
    assert said is not None
    try:
        assert f"own server on {said[1].removeprefix('http://')}" in result.stdout.str()
        assert Gateway(said[1]).captures("+8613800138000")[0].code == "246810"
    finally:
        os.kill(int(said[2]), signal.SIGTERM)


@pytest.mark.slow  # a server
def test_workers_of_xdist_have_their_kept_servers_named_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(gateway): pass")
    result = run(pytester, "-n1", "--gateway-keep")
    result.assert_outcomes(passed=1)
    said = re.search(r"the gateway at (\S+) was left running: `kill (\d+)` ends it", result.stdout.str())
    assert said is not None
    assert Gateway(said[1]).health() == {"status": "ok"}
    os.kill(int(said[2]), signal.SIGTERM)


def test_a_project_with_a_fixture_gateway_of_its_own_uses_the_longer_name(
    pytester: pytest.Pytester, named: str
) -> None:
    pytester.makeconftest("import pytest\n\n@pytest.fixture\ndef gateway():\n    return 'payments'\n")
    pytester.makepyfile(
        """
        async def never(): ...

        def test_it(gateway, connector_gateway, agateway):
            assert gateway == "payments"
            assert connector_gateway.url == agateway.url
        """
    )
    run(pytester, named).assert_outcomes(passed=1)


def test_a_list_of_tests_starts_no_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(gateway): pass")
    result = run(pytester, "--collect-only")
    result.stdout.no_fnmatch_line("*connector-gateway *, own server*")
