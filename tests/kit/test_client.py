"""What the client sends, and what it makes of an answer. The other side is a stand-in: see scripted.py."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector_gateway import Gateway, GatewayError, GatewayUnreachable
from tests.kit.scripted_gateway import Scripted

NOW = {"now": "2026-11-21T10:20:30.123Z", "real": "2026-11-21T10:20:30.123Z", "offsetSeconds": 0, "frozen": False}


def test_a_phone_and_an_address_are_asked_for_by_channel(scripted: Scripted, client: Gateway) -> None:
    scripted.tell(
        {
            "to": "+12015550123",
            "channel": "sms",
            "region": "US",
            "digits": "12015550123",
            "national": "(201) 555-0123",
            "cursor": 4,
        },
        201,
    )
    scripted.tell(
        {"to": "u@example.com", "channel": "email", "region": None, "digits": None, "national": None, "cursor": 5},
        201,
    )
    phone, address = client.phone(region="US"), client.email()
    assert [one.line for one in scripted.asked] == ["POST /api/recipients"] * 2
    assert [one.body for one in scripted.asked] == [{"channel": "sms", "region": "US"}, {"channel": "email"}]
    assert (phone, phone.national, phone.cursor) == ("+12015550123", "(201) 555-0123", 4)
    assert (address, address.channel) == ("u@example.com", "email")


@pytest.mark.parametrize(
    ("to", "connector"), [("+8613800138000", "sms"), ("u@example.com", "email")], ids=["phone", "address"]
)
def test_a_send_takes_the_connector_that_fits_the_recipient(
    scripted: Scripted, client: Gateway, to: str, connector: str
) -> None:
    scripted.tell({"messageId": "msg_1"})
    assert client.send(to, code="246810") == {"messageId": "msg_1"}
    assert scripted.last.line == f"POST /api/connectors/{connector}/send"
    assert scripted.last.body == {"to": to, "type": "SignIn", "payload": {"code": "246810"}}


def test_a_send_without_a_code_and_a_payload_makes_up_six_digits(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({})
    client.send("+8613800138000", "Register")
    assert re.fullmatch(r"\d{6}", scripted.last.body["payload"]["code"])
    client.send("+8613800138000", payload={"link": "x"})
    assert scripted.last.body["payload"] == {"link": "x"}


def test_a_send_bears_the_connectors_authorization_and_never_the_api_token(scripted: Scripted) -> None:
    scripted.tell({})
    client = Gateway(scripted.url, "token")
    client.send("+8613800138000", connector="my sms", authorization="Basic abc")
    assert scripted.last.target == "/api/connectors/my%20sms/send"
    assert scripted.last.headers["Authorization"] == "Basic abc"
    client.send("+8613800138000")
    assert "Authorization" not in scripted.last.headers
    client.status()
    assert scripted.last.headers["Authorization"] == "Bearer token"


def test_a_send_takes_the_other_address_along_where_it_is_given(scripted: Scripted) -> None:
    scripted.tell({"fallbackTo": "a@example.com"})
    client = Gateway(scripted.url, "token")
    sent = client.send("+8613800138000", connector="sms", code="246810", fallback_to="a@example.com")
    assert sent == {"fallbackTo": "a@example.com"}
    assert scripted.last.line == "POST /api/messages"
    assert scripted.last.body == {
        "to": "+8613800138000",
        "type": "SignIn",
        "payload": {"code": "246810"},
        "fallbackTo": "a@example.com",
        "connectorId": "sms",
    }
    assert scripted.last.headers["Authorization"] == "Bearer token"


def test_a_send_bears_the_idempotency_key_that_it_is_given_and_no_other(scripted: Scripted) -> None:
    scripted.tell({})
    client = Gateway(scripted.url)
    client.send("+8613800138000", idempotency_key="my-key")
    assert scripted.last.headers["Idempotency-Key"] == "my-key"
    client.send("+8613800138000")
    assert "Idempotency-Key" not in scripted.last.headers


def test_a_list_is_asked_for_with_what_was_given_only(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"captures": [], "exchanges": [], "messages": [], "cursor": 0})
    assert client.captures("+8613800138000", type="SignIn", after=0, limit=5, order="asc") == []
    assert scripted.last.target.startswith("/api/captures?to=%2B8613800138000&")
    assert scripted.last.query == {
        "to": "+8613800138000",
        "type": "SignIn",
        "after": "0",
        "limit": "5",
        "order": "asc",
    }
    assert client.exchanges(accepted=False, provider="aliyun-sms") == []
    assert scripted.last.query == {"accepted": "false", "provider": "aliyun-sms"}
    assert client.sends() == []
    assert scripted.last.target == "/api/messages"


def test_the_environment_is_the_url_and_what_every_provider_says(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"providers": [{"environment": {"A": "1"}}, {"environment": {"B": "2"}}]})
    assert client.env() == {"GATEWAY_URL": scripted.url, "A": "1", "B": "2"}


# --- faults ---------------------------------------------------------------------------------------------------


def test_a_fault_is_spelled_as_the_api_spells_it(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"id": "fault_1"}, 201)
    client.fault(
        provider="aliyun-sms",
        key_id="LTAI",
        truncate_at=0,
        hang=False,
        error={"code": "Throttling", "retry_after": 3},
    )
    assert scripted.last.line == "POST /api/faults"
    assert scripted.last.body == {
        "provider": "aliyun-sms",
        "keyId": "LTAI",
        "truncateAt": 0,
        "hang": False,
        "error": {"code": "Throttling", "retryAfter": 3},
    }


def test_a_fault_of_delivery_is_spelled_as_the_api_spells_it(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"id": "fault_1"}, 201)
    client.fault(to="13800138000", delivery="late", late_seconds=90)
    assert scripted.last.body == {"to": "13800138000", "delivery": "late", "lateSeconds": 90}


def test_a_fault_tells_its_last_hit(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"id": "fault_1", "lastHit": None}, 201)
    scripted.tell({"id": "fault_1", "lastHit": None})
    scripted.tell({"id": "fault_1", "lastHit": None})
    hit = {"at": "2026-11-21T10:20:30.123Z", "exchangeId": "ex_1"}
    scripted.tell({"id": "fault_1", "lastHit": hit})
    scripted.tell({"id": "fault_1", "lastHit": hit})
    fault = client.fault(hang=True)
    assert (fault.last_hit, fault.last_exchange) == (None, None)
    assert (fault.last_hit, fault.last_exchange) == (datetime(2026, 11, 21, 10, 20, 30, 123000, UTC), "ex_1")


def test_what_can_be_asked_for_is_listed(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"errors": [{"code": "X"}]})
    scripted.tell({"on": True, "magic": [{"name": "lost"}]})
    assert client.known_errors("aliyun-sms") == [{"code": "X"}]
    assert client.magic() == [{"name": "lost"}]
    assert scripted.lines == ["GET /api/faults/known", "GET /api/faults/magic"]
    assert scripted.asked[0].query == {"provider": "aliyun-sms"}


def test_a_fault_ends_with_its_block_and_its_counters_stay(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"id": "fault_1", "seen": 0, "hits": 0}, 201)
    scripted.tell({"id": "fault_1", "seen": 3, "hits": 2})
    scripted.tell({"deleted": 1})
    with client.fault(reset=True) as fault:
        pass
    assert scripted.lines == ["POST /api/faults", "GET /api/faults/fault_1", "DELETE /api/faults/fault_1"]
    assert (fault.hits, fault.seen) == (2, 3)
    fault.remove()
    assert len(scripted.asked) == 3


def test_a_fault_that_is_gone_already_is_removed_without_complaint(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({"id": "fault_1"}, 201)
    scripted.refuse(404, "entity.not_found")
    client.fault(reset=True).remove()
    assert scripted.last.line == "DELETE /api/faults/fault_1"


def test_the_end_of_the_block_undoes_faults_and_clock_even_after_a_failure(scripted: Scripted) -> None:
    scripted.tell({"id": "fault_1"}, 201)
    scripted.tell({"id": "fault_2"}, 201)
    scripted.tell(NOW)  # the move
    scripted.tell(NOW)  # its undoing
    scripted.tell({"id": "fault_2"})
    scripted.tell({"deleted": 1})
    scripted.tell({"id": "fault_1"})
    with contextlib.suppress(ZeroDivisionError), Gateway(scripted.url) as client:
        client.fault(hang=True)
        client.fault(fin=True)
        client.clock.advance(minutes=11)
        _ = 1 / 0
    undone = [(one.line, one.body) for one in scripted.asked[3:] if one.method != "GET"]
    assert undone == [
        ("POST /api/clock", {"reset": True}),
        ("DELETE /api/faults/fault_2", None),
        ("DELETE /api/faults/fault_1", None),
    ]


def test_nothing_done_is_nothing_undone(scripted: Scripted) -> None:
    with Gateway(scripted.url):
        pass
    assert scripted.asked == []


# --- the clock ------------------------------------------------------------------------------------------------


def test_the_clock_is_moved_in_the_words_of_the_api(scripted: Scripted, client: Gateway) -> None:
    scripted.tell(NOW)
    clock = client.clock
    assert clock.now == datetime(2026, 11, 21, 10, 20, 30, 123000, UTC)
    assert clock.offset == timedelta()
    clock.advance(timedelta(seconds=1), minutes=11, days=1)
    clock.freeze()
    clock.unfreeze()
    clock.set(datetime(2026, 12, 24, 8, tzinfo=timezone(timedelta(hours=8))))
    clock.reset()
    assert [one.body for one in scripted.asked if one.method == "POST"] == [
        {"advance": 87061.0},
        {"freeze": True},
        {"freeze": False},
        {"set": "2026-12-24T00:00:00Z"},
        {"reset": True},
    ]


def test_the_clock_tells_what_is_next(scripted: Scripted, client: Gateway) -> None:
    scripted.tell({**NOW, "jobs": {"waiting": 1, "nextAt": "2026-11-21T10:20:30.123Z"}})
    scripted.tell({**NOW, "jobs": {"waiting": 0, "nextAt": None}})
    assert client.clock.next_job == datetime(2026, 11, 21, 10, 20, 30, 123000, UTC)
    assert client.clock.next_job is None


def test_a_clock_that_was_reset_by_the_test_itself_is_not_reset_again(scripted: Scripted) -> None:
    scripted.tell(NOW)
    with Gateway(scripted.url) as client:
        client.clock.advance(seconds=1)
        client.clock.reset()
    assert len(scripted.asked) == 2


def test_a_clock_that_refused_to_move_is_not_reset(scripted: Scripted) -> None:
    scripted.refuse(409, "entity.conflict", "this server was started as shared")
    with Gateway(scripted.url) as client, pytest.raises(GatewayError, match="shared"):
        client.clock.advance(seconds=1)
    assert len(scripted.asked) == 1


def test_a_moment_without_a_time_zone_and_a_step_of_nothing_are_refused(client: Gateway) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        client.clock.set(datetime(2026, 12, 24))  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ValueError, match="say by how much"):
        client.clock.advance()


# --- what goes wrong ------------------------------------------------------------------------------------------


def test_a_refusal_has_the_apis_code_status_message_and_data(scripted: Scripted, client: Gateway) -> None:
    scripted.refuse(429, "connector.rate_limit_exceeded", "too often", providerCode="isv.BUSINESS_LIMIT_CONTROL")
    with pytest.raises(GatewayError) as caught:
        client.send("+8613800138000")
    error = caught.value
    assert (error.code, error.status, error.message) == ("connector.rate_limit_exceeded", 429, "too often")
    assert error.data == {"providerCode": "isv.BUSINESS_LIMIT_CONTROL"}
    assert str(error) == (
        'too often (connector.rate_limit_exceeded, HTTP 429) {"providerCode": "isv.BUSINESS_LIMIT_CONTROL"}'
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<html>hello</html>"),
        (200, ""),
        (200, "[1]"),
        (404, "<html>nothing here</html>"),
        (404, '{"detail": "Not Found"}'),
        (502, ""),
    ],
)
def test_something_else_at_that_address_is_named_as_such(
    scripted: Scripted, client: Gateway, status: int, body: str
) -> None:
    scripted.tell_text(body, status, "text/html")
    with pytest.raises(GatewayError, match="is the gateway at that address") as caught:
        client.status()
    assert (caught.value.code, caught.value.status) == (f"http.{status}", status)


def test_nobody_at_that_address_is_unreachable(nobody: str) -> None:
    with pytest.raises(GatewayUnreachable, match=f"no gateway answers at {nobody}: ") as caught:
        Gateway(nobody).health()
    assert not caught.value.maybe_done


def test_a_connection_lost_before_the_answer_says_that_it_may_have_been_done(
    scripted: Scripted, client: Gateway
) -> None:
    scripted.tell_nothing()
    with pytest.raises(GatewayUnreachable, match="went away before it had answered POST /api/reset") as caught:
        client.reset()
    assert caught.value.maybe_done
    assert len(scripted.asked) == 1


def test_https_is_spoken_where_the_url_says_so(scripted: Scripted) -> None:
    client = Gateway(scripted.url.replace("http:", "https:"))
    with pytest.raises(GatewayUnreachable, match=r"(?i)ssl|tls"):
        client.health()
    assert scripted.asked == []


def test_a_url_may_have_a_path_and_a_slash_at_its_end(scripted: Scripted) -> None:
    scripted.tell({"status": "ok"})
    client = Gateway(f"{scripted.url}/tools/gateway/")
    assert client.health() == {"status": "ok"}
    assert scripted.last.target == "/tools/gateway/healthz"
    assert client.url == f"{scripted.url}/tools/gateway"


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:4650", "ftp://127.0.0.1", "http://", "http://a/?x=1", "http://me@a/", "http://a:port"]
)
def test_what_is_not_the_address_of_a_server_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|Port"):
        Gateway(url)


def test_the_proxies_of_the_environment_are_not_asked(
    scripted: Scripted, client: Gateway, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody)
    scripted.tell({"status": "ok"})
    assert client.health() == {"status": "ok"}
