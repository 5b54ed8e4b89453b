"""What the API is asked wrongly: a clear 4xx that names the field, never a 500, always the same shape."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.raw_http import Answer
from tests.support.running_gateway import RunningGateway
from tests.support.tiers import examples

MIB = 1024 * 1024
JSON_TYPE = {"Content-Type": "application/json"}


def refused(answer: Answer, status: int = 400, code: str = "request.invalid") -> str:
    """The message of a refusal of the right shape."""
    assert (answer.status, answer.code) == (status, code)
    assert set(answer.json()) == {"code", "message", "data"}
    return str(answer.json()["message"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON: line 1, column 2"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"to": "\xe4"}', "not UTF-8"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"advance": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deeply"),
        (b'{"advance": NaN}', "number that JSON does not have"),
        (b'{"advance": -Infinity}', "number that JSON does not have"),
        (b'{"advance": 1e999}', "number that JSON does not have"),
        (b'{"advance": ' + b"9" * 5000 + b"}", "number that JSON does not have"),
        (b'{"advance": ' + b"9" * 400 + b"}", "advance: "),
        (b'{"advanse": 1}', "advanse: unknown; did you mean advance?"),
        (b"{}", "exactly one of advance, set, freeze, reset"),
        (b'{"advance": 1, "freeze": true}', "exactly one of"),
        (b'{"advance": null}', "exactly one of"),
        (b'{"freeze": null}', "exactly one of"),
        (b'{"reset": false}', "reset must be true"),
        (b'{"advance": true}', "advance: "),
        (b'{"advance": "5"}', "advance: "),
        (b'{"advance": 1e300}', "advance: "),
        (b'{"advance": -9999999999}', "1970"),
        (b'{"set": "2026-12-24T00:00:00"}', "set: "),
        (b'{"set": "yesterday"}', "set: "),
        (b'{"set": "9999-12-31T23:59:59-12:00"}', "set: "),
        (b'{"set": "9000-12-31T23:59:59Z"}', "1970"),
        (b'{"freeze": "yes"}', "freeze: "),
    ],
)
async def test_a_body_that_is_wrong_is_refused_with_the_reason(
    server: RunningGateway, body: bytes, words: str
) -> None:
    before = (await server.ask("GET", "/api/clock")).json()["offsetSeconds"]
    assert words in refused(await server.ask("POST", "/api/clock", body, JSON_TYPE))
    assert (await server.ask("GET", "/api/clock")).json()["offsetSeconds"] == before


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ("application/merge-patch+json", 200),
        ("text/json", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data", 415),
        ("", 415),
        ("json", 415),
    ],
)
async def test_only_json_is_taken(server: RunningGateway, kind: str, status: int) -> None:
    """A page elsewhere can post text/plain without a preflight, so this is part of the guard."""
    answer = await server.ask("POST", "/api/clock", b'{"advance": 0}', {"Content-Type": kind})
    assert answer.status == status
    if status == 415:
        assert "application/json" in refused(answer, 415, "request.content_type")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "x"])
async def test_a_compressed_body_is_refused(server: RunningGateway, encoding: str) -> None:
    answer = await server.ask("POST", "/api/clock", b"{}", {**JSON_TYPE, "Content-Encoding": encoding})
    assert "uncompressed" in refused(answer, 415, "request.content_type")


async def test_a_body_of_one_mebibyte_is_read_and_a_byte_more_is_not(server: RunningGateway) -> None:
    exact = b'{"type": "' + b"x" * (MIB - 12) + b'"}'
    assert len(exact) == MIB
    assert (await server.ask("POST", "/api/captures/wait", exact, JSON_TYPE)).status == 400
    assert "1 MiB" in refused(
        await server.ask("POST", "/api/captures/wait", exact + b" ", JSON_TYPE), 413, "request.too_large"
    )


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/api/captures?limt=1", "limt: unknown; did you mean limit?"),
        ("/api/captures?limit=0", "limit: "),
        ("/api/captures?limit=1001", "limit: "),
        ("/api/captures?limit=x", "limit: "),
        ("/api/captures?limit=1&limit=2", "limit: given twice"),
        ("/api/captures?limit=" + "9" * 5000, "limit: "),
        ("/api/captures?after=-1", "after: "),
        ("/api/captures?after=1.5", "after: "),
        ("/api/captures?order=up", "order: must be 'asc' or 'desc'"),
        ("/api/captures?type=signon", "type: must be"),
        ("/api/captures?channel=fax", "channel: must be"),
        ("/api/captures?to=%FF", "not well-formed UTF-8"),
        ("/api/captures?to=nobody", "to: must be a phone number"),
        ("/api/captures?" + "&".join(f"a{n}=1" for n in range(200)), "100"),
        ("/api/exchanges?accepted=maybe", "accepted: "),
        ("/api/codes/13800138000?timeout=61", "timeout: must be less than or equal to 60"),
        ("/api/codes/13800138000?timeout=-1", "timeout: "),
        ("/api/codes/13800138000?timeout=nan", "timeout: "),
        ("/api/codes/13800138000?timeout=inf", "timeout: "),
        ("/api/codes/nobody", "to: must be"),
        ("/api/codes/%20", "to: must be"),
        ("/api/events?after=x", "after: "),
    ],
)
async def test_a_query_that_is_wrong_is_refused_with_the_reason(
    server: RunningGateway, target: str, words: str
) -> None:
    method = "POST" if "/codes/" in target else "GET"
    assert words in refused(await server.ask(method, target))


async def test_an_empty_parameter_is_one_that_was_left_out(server: RunningGateway) -> None:
    assert (await server.ask("GET", "/api/captures?to=&type=&limit=")).status == 200


@pytest.mark.parametrize("target", ["captures?to=", "connectors/mine?version="])
async def test_an_empty_parameter_never_makes_a_delete_do_more(server: RunningGateway, target: str) -> None:
    """``DELETE /api/captures?to=$PHONE`` of a shell without PHONE used to delete everybody's captures."""
    await server.capture("13800138000")
    await server.ask("POST", "/api/connectors", {"connectorId": "toy-sms", "id": "mine"})
    assert ": must be" in refused(await server.ask("DELETE", f"/api/{target}"))
    assert len((await server.ask("GET", "/api/captures")).json()["captures"]) == 1
    assert (await server.ask("GET", "/api/connectors/mine")).status == 200


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({}, "nothing to do"),
        ({"stage": "after"}, "nothing to do"),
        ({"hang": False}, "nothing to do"),
        ({"hang": True, "reset": True}, "exclude each other"),
        ({"error": "X", "answer": {"status": 200}}, "exclude each other"),
        ({"hang": True, "provider": "nobody"}, "provider: must be one of toy"),
        ({"hang": True, "to": "nobody"}, "to: must be"),
        ({"hang": True, "nth": 0}, "nth: "),
        ({"hang": True, "count": 0}, "count: "),
        ({"hang": True, "probability": 1.1}, "probability: "),
        ({"hang": True, "stage": "during"}, "stage: "),
        ({"latency": -1}, "latency: "),
        ({"latency": 1e9}, "latency: "),
        ({"drip": 0}, "drip: "),
        ({"truncateAt": -1}, "truncateAt: "),
        ({"error": ""}, "error"),
        ({"error": {"status": 500}}, "error"),
        ({"error": {"code": "X", "status": 99}}, "error"),
        ({"answer": {"status": 100}}, "answer.status: "),
        ({"answer": {"status": 200, "headers": {"A B": "x"}}}, "answer.headers"),
        ({"answer": {"status": 200, "headers": {"A": "x\r\nB: y"}}}, "answer.headers"),
        ({"hang": True, "keyid": "x"}, "keyid: unknown; did you mean keyId?"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(
    server: RunningGateway, fault: dict[str, Any], words: str
) -> None:
    assert words in refused(await server.ask("POST", "/api/faults", fault))
    assert (await server.ask("GET", "/api/faults")).json() == {"faults": []}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "to: is required"),
        ({"to": "13800138000"}, "type: is required"),
        ({"to": "13800138000", "type": "signon"}, "type: must be one of SignIn, Register"),
        ({"to": "", "type": "SignIn"}, "to: "),
        ({"to": "ada@example.com", "type": "SignIn"}, "to: must be a phone number"),
        ({"to": 13800138000, "type": "SignIn"}, "to: must be a valid string"),
        ({"to": "13800138000", "type": "SignIn", "payload": []}, "payload: "),
        ({"to": "13800138000", "type": "SignIn", "payload": {"code": 123456}}, "payload.code: must be a string"),
        ({"to": "13800138000", "type": "SignIn", "payload": {"link": None}}, "payload.link: must be a string"),
    ],
)
async def test_a_send_that_is_wrong_is_refused(server: RunningGateway, body: dict[str, Any], words: str) -> None:
    assert words in refused(await server.ask("POST", "/api/connectors/toy/send", body))
    assert server.script.requests == []


@pytest.mark.parametrize("region", ["cn", "C", "CHN", "ZZ", "", "86"])
async def test_a_region_that_is_none_is_refused(server: RunningGateway, region: str) -> None:
    assert "region: " in refused(await server.ask("POST", "/api/recipients", {"region": region}))


async def test_a_payload_never_makes_our_answers_something_else_than_json(server: RunningGateway) -> None:
    """1e999 is JSON, and Python reads it as an infinity, which is not."""
    body = b'{"to": "13800138000", "type": "SignIn", "payload": {"code": "1", "n": 1e999, "s": "\\ud800"}}'
    sent = await server.ask("POST", "/api/connectors/toy/send", body, JSON_TYPE)
    assert sent.status in {200, 400}
    assert (await server.ask("GET", "/api/messages")).json()["cursor"] >= 0


async def test_a_code_that_is_no_text_is_still_answered(server: RunningGateway) -> None:
    await server.ask("POST", "/fakes/toy/", b'{"to": "13800138000", "code": "\\ud800x"}', JSON_TYPE)
    assert (await server.ask("GET", "/api/codes/13800138000")).body == b"?x"
    assert (await server.ask("GET", "/api/captures")).json()["captures"][0]["code"] == "?x"


# --- anything at all ----------------------------------------------------------------------------------------

ENDPOINTS = [
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/api/status"),
    ("GET", "/api/providers"),
    ("POST", "/api/connectors/toy/send"),
    ("POST", "/api/codes/{}"),
    ("GET", "/api/codes/{}"),
    ("POST", "/api/captures/wait"),
    ("GET", "/api/captures"),
    ("GET", "/api/captures/{}"),
    ("DELETE", "/api/captures/{}"),
    ("DELETE", "/api/captures"),
    ("GET", "/api/messages"),
    ("GET", "/api/messages/{}"),
    ("GET", "/api/exchanges"),
    ("GET", "/api/exchanges/{}"),
    ("POST", "/api/recipients"),
    ("GET", "/api/faults"),
    ("DELETE", "/api/faults/{}"),
    ("DELETE", "/api/faults"),
    ("POST", "/api/faults"),
    ("GET", "/api/clock"),
    ("POST", "/api/clock"),
    ("POST", "/api/reset"),
]
TOS = st.sampled_from(["13800138000", "+8613800138000", "a@b.cd", "x", "", "\ud800@x.yz"])
WORDS = """
    to type payload ip after before limit order timeout consume channel region advance set freeze reset error answer
    latency nth count probability seed provider operation keyId stage hang truncateAt drip code status headers body
"""
KEYS = st.sampled_from(WORDS.split())
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=10)
    | TOS
    | st.sampled_from(["SignIn", "sms", "asc", "CN", "US", "before", "2026-01-01T00:00:00Z", 2**53, 10**400])
)


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)


TREES = st.recursive(SCALARS, _nested, max_leaves=10)
BODIES = st.none() | st.binary(max_size=50) | st.dictionaries(KEYS, TREES, max_size=5) | TREES
QUERIES = st.text(max_size=20).map(lambda text: quote(text, errors="replace")) | st.lists(
    st.tuples(KEYS, TOS | st.text(max_size=5) | st.integers().map(str)), max_size=4
).map(lambda pairs: "&".join(f"{key}={quote(value, errors='replace')}" for key, value in pairs))
PARTS = TOS | st.text(max_size=10) | st.sampled_from(["..", ".", "%", "%FF", "a" * 5000])


@settings(max_examples=examples(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_anything_at_all_at_any_endpoint_is_answered_with_json_and_no_5xx(
    server: RunningGateway, data: st.DataObject
) -> None:
    method, path = data.draw(st.sampled_from(ENDPOINTS))
    method = data.draw(st.sampled_from([method] * 9 + ["PUT", "POST", "DELETE"]))
    target = path.replace("{}", quote(data.draw(PARTS), safe="%+@", errors="replace"))
    query = data.draw(QUERIES)
    if "codes" in target:
        query = "timeout=0" if "timeout" not in query else query.replace("timeout=", "timeout=-")
    body = data.draw(BODIES)
    if path.endswith("wait"):
        body = {**body, "timeout": 0} if isinstance(body, dict) else None
    raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await server.ask(method, f"{target}?{query}" if query else target, raw, JSON_TYPE)
    # A fault of an earlier example would make a later send slow.
    server.gateway.services.faults.clear()
    assert answer.status < 500
    if answer.status >= 400:
        assert set(answer.json()) == {"code", "message", "data"}
        assert "\n" not in answer.json()["message"].strip()
    elif answer.header("content-type") != "text/plain; charset=utf-8":
        answer.json()


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.binary(max_size=30), headers=st.binary(max_size=40), body=st.binary(max_size=40))
async def test_any_bytes_of_a_path_a_header_and_a_body_are_no_500(
    server: RunningGateway, path: bytes, headers: bytes, body: bytes
) -> None:
    client = await server.open()
    await client.send(
        b"POST /" + path + b" HTTP/1.1\r\nHost: localhost\r\nX: " + headers + b"\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    rest = await client.rest()
    await client.close()
    assert rest.startswith(b"HTTP/1.1 4")
