"""Whose request is it: a host name, a mount, a provider's marks, our API, nobody's; in this order."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from gateway.model import Request
from gateway.web.resources import ROUTES
from tests.support import toy
from tests.support.house import House, running
from tests.support.raw import Answer

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def is_toys(answer: Answer) -> bool:
    return answer.header("x-toy-id") is not None


@pytest.mark.parametrize(
    "host", ["api.toy.example", "api.toy.example:4650", "API.Toy.Example", "api.toy.example.:80"]
)
@pytest.mark.parametrize("path", ["/", "/api/captures", "/fakes/other/", "/healthz", "/any?x=1"])
async def test_a_providers_host_name_wins_over_every_path(house: House, host: str, path: str) -> None:
    assert is_toys(await house.ask("GET", path, headers={"Host": host}))
    assert house.script.requests[0].host == host
    assert house.script.requests[0].target == path
    assert house.script.requests[0].prefix == ""


async def test_used_as_a_proxy_the_target_names_the_host(house: House) -> None:
    target = f"http://{toy.HOST}/some/path?x=%20y"
    assert is_toys(await house.ask("GET", target, headers={"Host": "127.0.0.1"}))
    assert house.script.requests[0].target == target


async def test_used_as_a_proxy_for_nobody_it_says_so(house: House) -> None:
    answer = await house.ask("GET", "http://example.com/x", headers={"Host": "example.com"})
    assert (answer.status, answer.code) == (404, "entity.not_found")


async def test_an_sdk_that_names_the_fake_as_its_own_proxy_reaches_it(house: House) -> None:
    """The SDK of Aliyun ignores NO_PROXY: the target is absolute, and its host is our own."""
    marked = await house.ask("GET", f"http://127.0.0.1:{house.port}/?toyMark=1")
    mounted = await house.ask("GET", f"http://127.0.0.1:{house.port}/fakes/toy/x")
    assert is_toys(marked)
    assert is_toys(mounted)
    assert [request.prefix for request in house.script.requests] == ["", "/fakes/toy"]


async def test_a_mount_keeps_its_prefix_apart(house: House) -> None:
    for target in ("/fakes/toy", "/fakes/toy/", "/fakes/toy/a/b?c=d%2F"):
        assert is_toys(await house.ask("GET", target))
    assert [(request.prefix, request.target) for request in house.script.requests] == [
        ("/fakes/toy", "/fakes/toy"),
        ("/fakes/toy", "/fakes/toy/"),
        ("/fakes/toy", "/fakes/toy/a/b?c=d%2F"),
    ]


@pytest.mark.parametrize("target", ["/fakes/nobody/x", "/fakes/", "/fakes//", "/fakes/toyland/"])
async def test_a_mount_of_nobody_names_the_known_ones(house: House, target: str) -> None:
    answer = await house.ask("GET", target)
    assert (answer.status, answer.code) == (404, "entity.not_found")
    assert "known: toy" in answer.json()["message"]


async def test_marks_are_found_in_header_query_and_form(house: House) -> None:
    form = urlencode({"toyMark": "1", "to": "13800138000", "code": "1"}).encode()
    answers = [
        await house.ask("GET", "/", headers={"X-Toy": "1"}),
        await house.ask("POST", "/any/path?toyMark=1", b"{}"),
        await house.ask("POST", "/", form, FORM),
        await house.ask("POST", "/", form, {"Content-Type": FORM["Content-Type"] + "; charset=UTF-8"}),
    ]
    assert [is_toys(answer) for answer in answers] == [True] * 4
    assert house.script.requests[2].body == form


async def test_a_form_without_marks_is_nobodys(house: House) -> None:
    answer = await house.ask("POST", "/", b"a=b", FORM)
    assert (answer.status, answer.code) == (404, "entity.not_found")


async def test_marks_in_a_body_that_is_no_form_are_not_looked_for(house: House) -> None:
    answer = await house.ask("POST", "/", {"toyMark=": 1})
    assert answer.status == 404


@pytest.mark.parametrize("target", ["/api/clock", "/healthz", "/readyz"])
async def test_our_own_paths_are_ours_whatever_the_marks(house: House, target: str) -> None:
    assert not is_toys(await house.ask("GET", target, headers={"X-Toy": "1"}))


@pytest.mark.parametrize("target", ["/apiary", "/healthzoo", "/api-v2/send"])
async def test_paths_that_only_begin_like_ours_are_not_ours(house: House, target: str) -> None:
    assert is_toys(await house.ask("GET", target, headers={"X-Toy": "1"}))


@pytest.mark.parametrize(
    "target", ["/", "/nothing", "/api", "/api/", "/api/no", "*", "//", "/%zz", "/api/captures/"]
)
async def test_what_is_nobodys_is_a_404_that_says_what_was_looked_for(house: House, target: str) -> None:
    answer = await house.ask("OPTIONS" if target == "*" else "GET", target)
    assert (answer.status, answer.code) == (404, "entity.not_found")
    assert "docs/api.md" in answer.json()["message"]
    assert answer.json()["data"] == {}


async def test_a_wrong_method_is_a_405_with_allow(house: House) -> None:
    answer = await house.ask("PUT", "/api/clock")
    assert (answer.status, answer.code) == (405, "request.method_not_allowed")
    assert answer.header("allow") == "GET, HEAD, POST"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_the_wait_is_never_taken_for_a_capture_of_that_id(house: House, method: str) -> None:
    answer = await house.ask(method, "/api/captures/wait")
    assert (answer.status, answer.header("allow")) == (405, "POST")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_path_that_is_no_utf_8_is_a_404_with_whatever_method(house: House, method: str) -> None:
    """The second route of a path used to be passed over, so that the answer was a 405."""
    answer = await house.ask(method, "/api/captures/%80")
    assert (answer.status, answer.code) == (404, "entity.not_found")


@pytest.mark.parametrize("target", ["/api/status?x=1", "/api/captures/wait?timeout=1", "/api/clock?a=&now=1"])
async def test_a_call_without_parameters_refuses_them(house: House, target: str) -> None:
    """One that does nothing misleads: the timeout of a wait is in its body."""
    method = "POST" if target.startswith("/api/captures") else "GET"
    answer = await house.ask(method, target, {"to": "13800138000", "timeout": 0} if method == "POST" else None)
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert "unknown" in answer.json()["message"]


async def test_an_identity_server_may_put_a_query_behind_the_address_of_a_send(house: House) -> None:
    body = {"to": "13800138000", "type": "SignIn", "payload": {"code": "1"}}
    assert (await house.ask("POST", "/api/connectors/toy/send?from=logto", body)).status == 200
    assert (await house.ask("GET", "/healthz?probe=1")).status == 200


async def test_a_form_is_bounded_by_the_provider_that_claims_it() -> None:
    """The dispatch reads it with the largest bound of all providers: the claimant's own still counts."""
    script = toy.Script()

    def never(request: Request) -> bool:
        return False

    small = toy.provider_with(script, max_body=1000)
    large = replace(small, name="large", claims=never, factories={}, max_body=100_000)
    async with running({"toy": small, "large": large}, script=script) as house:
        answer = await house.ask("POST", "/", b"toyMark=1&x=" + b"y" * 5000, FORM)
        assert (answer.status, answer.json()) == (413, {"error": "TooBig"})
        assert script.requests[0].oversized
        assert script.requests[0].body == b""


async def test_without_providers_the_api_still_works() -> None:
    async with running({}, connectors=[]) as house:
        assert (await house.ask("GET", "/api/providers")).json() == {"providers": []}
        assert "known: none" in (await house.ask("GET", "/fakes/toy")).json()["message"]
        assert (await house.ask("POST", "/", b"a=b", FORM)).status == 404


def filled(path: str) -> str:
    """A path with something in its variable parts."""
    return re.sub(r"\{\w+\}", "13800138000", path)


async def test_every_get_may_be_asked_as_head(house: House) -> None:
    for route in ROUTES:
        if route.method == "GET" and not route.waits:
            whole, head = [await house.ask(method, filled(route.path)) for method in ("GET", "HEAD")]
            assert (head.status, head.body) == (whole.status, b""), route.path
            for name in ("content-type", "allow"):
                assert head.header(name) == whole.header(name), route.path
            assert head.header("content-length") is not None, route.path


async def test_every_other_method_is_a_405_that_names_those_that_work(house: House) -> None:
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"}
    for path in {route.path for route in ROUTES}:
        given = [route.method for route in ROUTES if route.path == path]
        takes = {*given, "HEAD"} if "GET" in given else {*given}
        for method in methods - takes:
            answer = await house.ask(method, filled(path))
            assert answer.status == 405, (method, path)
            assert set((answer.header("allow") or "").split(", ")) == takes, (method, path)
