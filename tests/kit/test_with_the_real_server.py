"""The kit and the real gateway, with the plugin's own fixtures: here nothing is scripted.

Every message goes by the official Aliyun SDK through the fake; the kit sees HTTP only.
"""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connector_gateway import CodeTimeout, ExternalServer, Gateway, GatewayError, GatewayUnreachable, Server

pytest_plugins = ["pytester"]

LAUNCH = """
import sys
from connector_gateway import Server
print(Server().start().url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def own(gateway: Gateway) -> Gateway:
    """As if it had just begun."""
    gateway.reset()
    return gateway


def test_a_code_that_is_sent_is_read_back(gateway: Gateway) -> None:
    phone = gateway.phone()
    sent = gateway.send(phone, code="246810")
    assert gateway.code(phone, type="SignIn") == "246810"
    assert sent["receipt"]["provider"] == "aliyun-sms"


def test_the_same_send_with_the_same_key_goes_out_once(gateway: Gateway) -> None:
    phone = gateway.phone()
    sent = [gateway.send(phone, code="246810", idempotency_key=f"once-{phone}") for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(gateway.captures(phone)) == 1


def test_sequential_codes_come_one_after_the_other(gateway: Gateway) -> None:
    phone = gateway.phone()
    for code in ("111111", "222222", "333333"):
        gateway.send(phone, code=code)
        assert gateway.code(phone) == code


def test_the_newest_code_is_taken_and_the_older_ones_are_retired(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.send(phone, code="111111")
    gateway.send(phone, code="222222")
    assert gateway.code(phone) == "222222"
    with pytest.raises(CodeTimeout, match=r"code\(\) at \S+:\d+ has returned the newest message already"):
        gateway.code(phone, timeout=0)
    with Gateway(gateway.url) as other, pytest.raises(CodeTimeout, match="taken"):
        other.code(phone, timeout=0)


def test_a_message_is_a_capture_with_all_that_is_known_about_it(gateway: Gateway) -> None:
    phone = gateway.phone()
    sent = gateway.send(phone, "Register", code="246810")
    capture = gateway.message(phone)
    assert (capture.code, capture.code_source, capture.type) == ("246810", "rendered", "Register")
    assert (capture.provider, capture.operation, capture.channel) == ("aliyun-sms", "SendSms", "sms")
    assert (capture.read_as, capture.message_id) == (phone, sent["messageId"])
    assert "246810" in (capture.text or "")
    assert gateway.captures(phone) == [capture]
    assert [message["messageId"] for message in gateway.sends(phone)] == [sent["messageId"]]
    assert [exchange["id"] for exchange in gateway.exchanges(phone, accepted=True)] == [capture.exchange_id]


def test_every_recipient_is_a_fresh_one(gateway: Gateway) -> None:
    phones = {gateway.phone() for _ in range(20)}
    addresses = {gateway.email() for _ in range(20)}
    assert len(phones) == len(addresses) == 20
    american = gateway.phone(region="US")
    assert (american[:2], american.region, american.digits) == ("+1", "US", american[1:])
    assert re.sub(r"\D", "", american.national) == american.digits[1:]


def test_a_failed_wait_says_what_came_instead(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.send(phone, "Register", code="246810")
    with pytest.raises(CodeTimeout, match="other_type: ") as caught:
        gateway.code(phone, type="SignIn", timeout=0)
    assert str(caught.value).startswith(f"no code for {phone} within 0 s (type SignIn)\nwhat did arrive:\n")
    # It is still there for whoever wants it.
    assert gateway.code(phone, type="Register", timeout=0) == "246810"


def test_a_failed_wait_says_what_a_fake_refused_and_why(gateway: Gateway) -> None:
    phone = gateway.phone()
    gateway.fault(provider="aliyun-sms", to=phone, error="isv.BUSINESS_LIMIT_CONTROL")
    with pytest.raises(GatewayError):
        gateway.send(phone)
    with pytest.raises(CodeTimeout, match=r"(?s)what was refused:.*isv.BUSINESS_LIMIT_CONTROL") as caught:
        gateway.code(phone, timeout=0)
    assert {miss["reason"] for miss in caught.value.near_misses} >= {"refused", "not_sent"}


def test_a_failed_wait_for_a_recipient_that_nobody_sent_to_says_that_the_gateway_is_up(gateway: Gateway) -> None:
    with pytest.raises(CodeTimeout, match=f"which is up at {re.escape(gateway.url)}"):
        gateway.code(gateway.phone(), timeout=0)


def test_a_gateway_that_nothing_reached_asks_where_the_app_points(own: Gateway) -> None:
    with pytest.raises(CodeTimeout, match="no request to send SMS has reached the gateway"):
        own.code(own.phone(), timeout=0)
    with pytest.raises(CodeTimeout, match=r"^no message for "):
        own.message(own.phone(), timeout=0)


def test_a_number_read_as_a_chinese_one_is_explained_to_who_waits_for_the_american(gateway: Gateway) -> None:
    before = max((capture.cursor for capture in gateway.captures(limit=1)), default=0)
    gateway.send("13055550123", code="246810")
    with pytest.raises(CodeTimeout, match=r"read_as_another_number: .*\+8613055550123"):
        gateway.code("+13055550123", timeout=0, after=before)
    assert gateway.code("+8613055550123", timeout=0, after=before) == "246810"


def test_a_fault_hits_counts_and_is_gone(gateway: Gateway) -> None:
    phone = gateway.phone()
    with gateway.fault(to=phone, error="isv.BUSINESS_LIMIT_CONTROL", count=1) as fault:
        assert fault.id in {one.id for one in gateway.faults()}
        with pytest.raises(GatewayError) as caught:
            gateway.send(phone)
        assert caught.value.code == "connector.rate_limit_exceeded"
        assert caught.value.data["providerCode"] == "isv.BUSINESS_LIMIT_CONTROL"
        gateway.send(phone, code="246810")
        assert gateway.code(phone) == "246810"
    assert (fault.hits, fault.id in {one.id for one in gateway.faults()}) == (1, False)


def test_what_a_test_did_to_the_gateway_is_undone(
    gateway: Gateway, gateway_server: Server | ExternalServer
) -> None:
    with Gateway(gateway_server.url, gateway_server.token) as bound:
        kept, dropped = bound.fault(to=bound.phone(), hang=True), bound.fault(to=bound.phone(), reset=True)
        dropped.remove()
        bound.clock.freeze()
        before = bound.clock.now
        assert bound.clock.advance(minutes=11) - before == timedelta(minutes=11)
        assert gateway.clock.offset >= timedelta(minutes=10)
    assert not {kept.id, dropped.id} & {fault.id for fault in gateway.faults()}
    assert abs(gateway.clock.offset) < timedelta(seconds=1)
    assert gateway.clock.now <= gateway.clock.now


def test_a_code_can_be_read_after_the_clock_was_moved_past_its_lifetime(gateway: Gateway) -> None:
    # What makes a capture stale is real time: a test that lets a code expire can still read it.
    phone = gateway.phone()
    gateway.send(phone, code="246810")
    gateway.clock.advance(minutes=11)
    assert gateway.code(phone) == "246810"


def test_two_waiters_for_one_recipient_never_get_the_same_code(gateway: Gateway) -> None:
    phone = gateway.phone()
    with ThreadPoolExecutor(2) as threads:
        waiters = [threads.submit(gateway.code, phone) for _ in range(2)]
        gateway.send(phone, code="111111")
        done, waiting = wait(waiters, return_when=FIRST_COMPLETED)
        assert [one.result() for one in done] == ["111111"]
        gateway.send(phone, code="222222")
        assert [one.result() for one in waiting] == ["222222"]


def test_two_waiters_with_recipients_of_their_own_get_their_own_codes(gateway: Gateway) -> None:
    phones = [gateway.phone(), gateway.phone()]
    with ThreadPoolExecutor(2) as threads:
        waiters = [threads.submit(gateway.message, phone) for phone in phones]
        for phone, code in zip(phones, ("111111", "222222"), strict=True):
            gateway.send(phone, code=code)
        assert [one.result().code for one in waiters] == ["111111", "222222"]


def test_a_wait_tried_again_with_its_token_gets_the_same_capture(gateway: Gateway) -> None:
    # What the client counts on when the answer to a wait gets lost.
    phone = gateway.phone()
    gateway.send(phone, code="111111")
    body = {"to": phone, "timeout": 0, "consume": f"token-of-{phone}"}
    first, second = (gateway._transport.json("POST", "/api/captures/wait", body=body) for _ in range(2))
    assert first["capture"] == second["capture"]
    with pytest.raises(CodeTimeout):
        gateway.message(phone, timeout=0)


def test_the_environment_has_the_url_and_what_every_provider_says(gateway: Gateway) -> None:
    expected = {"GATEWAY_URL": gateway.url}
    for provider in gateway.providers():
        assert provider["url"].startswith(gateway.url)
        expected |= provider["environment"]
    assert gateway.env() == expected
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in expected


def test_a_reset_forgets_all_and_says_how_much(own: Gateway) -> None:
    own.send(own.phone())
    own.fault(hang=True)
    gone = own.reset()
    assert (gone["captures"], gone["faults"]) == (1, 1)
    assert (own.captures(), own.faults()) == ([], [])


# --- the launcher ---------------------------------------------------------------------------------------------


@pytest.mark.slow  # a start of its own
def test_a_configuration_that_is_broken_is_one_readable_line(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text("conectors: []\n")
    with pytest.raises(GatewayUnreachable, match=r"\(exit code 2\)\. On stderr: .*conectors") as caught:
        Server(config=config).start()
    assert "Traceback" not in str(caught.value)


@pytest.mark.slow  # two servers
def test_a_stopped_server_is_unreachable_and_a_new_one_is_empty() -> None:
    server = Server()
    with server:
        gateway = Gateway(server.url)
        gateway.send(gateway.phone())
    with pytest.raises(GatewayUnreachable):
        gateway.health()
    with server:
        assert Gateway(server.url).captures() == []


def test_the_server_ends_with_a_test_run_that_is_killed(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", LAUNCH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    )
    with run:
        assert run.stdout is not None
        url = run.stdout.readline().decode().strip()
        watch = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        watch.request("GET", "/api/events")
        stream = watch.getresponse()
        run.send_signal(signal.SIGKILL)
        # The stream of events ends when the server does.
        stream.read()
        watch.close()
    with pytest.raises(GatewayUnreachable):
        Gateway(url).health()


# --- the plugin -----------------------------------------------------------------------------------------------


@pytest.mark.slow  # a run of pytest and a server
@pytest.mark.usefixtures("no_gateway_named")
def test_it_works_in_a_project_that_has_its_own_folder_called_gateway(pytester: pytest.Pytester) -> None:
    # pytester puts the project on PYTHONPATH, and `python -m pytest` runs in it: both would shadow our `gateway`.
    pytester.mkpydir("gateway").joinpath("__init__.py").write_text("NAME = 'the project'\n")
    pytester.makepyfile(
        """
        import gateway as project

        def test_the_name_is_the_projects():
            assert project.NAME == "the project"

        def test_sign_in(gateway, gateway_server):
            phone = gateway.phone()
            gateway.send(phone, code="246810")
            assert gateway.code(phone) == "246810"
            assert gateway.url == gateway_server.url
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:schemathesis", "-W", "error")
    result.assert_outcomes(passed=2)


@pytest.mark.slow  # a run of pytest and a server
@pytest.mark.usefixtures("no_gateway_named")
def test_what_one_test_did_is_undone_before_the_next(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from datetime import timedelta

        def test_first(gateway):
            gateway.fault(hang=True)
            gateway.clock.advance(days=1)
            assert False, "on purpose"

        def test_second(gateway):
            assert gateway.faults() == []
            assert gateway.clock.offset < timedelta(seconds=1)
        """
    )
    pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:schemathesis", "-W", "error").assert_outcomes(
        passed=1, failed=1
    )
