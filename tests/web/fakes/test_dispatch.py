"""Whose request is it: a host name, a mount, a provider's marks, our API, nobody's; in this order."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from gateway.core.model import Request
from gateway.web.api import ROUTES
from tests.support import toy
from tests.support.raw_http import Answer
from tests.support.running_gateway import RunningGateway, running

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def is_toys(answer: Answer) -> bool:
    return answer.header("x-toy-id") is not None


@pytest.mark.parametrize(
    "host", ["api.toy.example", "api.toy.example:4650", "API.Toy.Example", "api.toy.example.:80"]
)
@pytest.mark.parametrize("path", ["/", "/api/captures", "/fakes/other/", "/healthz", "/any?x=1"])
async def test_a_providers_host_name_wins_over_every_path(server: RunningGateway, host: str, path: str) -> None:
    assert is_toys(await server.ask("GET", path, headers={"Host": host}))
    assert server.script.requests[0].host == host
    assert server.script.requests[0].target == path
    assert server.script.requests[0].prefix == ""


async def test_used_as_a_proxy_the_target_names_the_host(server: RunningGateway) -> None:
    target = f"http://{toy.HOST}/some/path?x=%20y"
    assert is_toys(await server.ask("GET", target, headers={"Host": "127.0.0.1"}))
    assert server.script.requests[0].target == target


async def test_used_as_a_proxy_for_nobody_it_says_so(server: RunningGateway) -> None:
    answer = await server.ask("GET", "http://example.com/x", headers={"Host": "example.com"})
    assert (answer.status, answer.code) == (404, "entity.not_found")


async def test_an_sdk_that_names_the_fake_as_its_own_proxy_reaches_it(server: RunningGateway) -> None:
    """The SDK of Aliyun ignores NO_PROXY: the target is absolute, and its host is our own."""
    marked = await server.ask("GET", f"http://127.0.0.1:{server.port}/?toyMark=1")
    mounted = await server.ask("GET", f"http://127.0.0.1:{server.port}/fakes/toy/x")
    assert is_toys(marked)
    assert is_toys(mounted)
    assert [request.prefix for request in server.script.requests] == ["", "/fakes/toy"]


async def test_a_mount_keeps_its_prefix_apart(server: RunningGateway) -> None:
    for target in ("/fakes/toy", "/fakes/toy/", "/fakes/toy/a/b?c=d%2F"):
        assert is_toys(await server.ask("GET", target))
    assert [(request.prefix, request.target) for request in server.script.requests] == [
        ("/fakes/toy", "/fakes/toy"),
        ("/fakes/toy", "/fakes/toy/"),
        ("/fakes/toy", "/fakes/toy/a/b?c=d%2F"),
    ]


@pytest.mark.parametrize("target", ["/fakes/nobody/x", "/fakes/", "/fakes//", "/fakes/toyland/"])
async def test_a_mount_of_nobody_names_the_known_ones(server: RunningGateway, target: str) -> None:
    answer = await server.ask("GET", target)
    assert (answer.status, answer.code) == (404, "entity.not_found")
    assert "known: toy" in answer.json()["message"]


async def test_marks_are_found_in_header_query_and_form(server: RunningGateway) -> None:
    form = urlencode({"toyMark": "1", "to": "13800138000", "code": "1"}).encode()
    answers = [
        await server.ask("GET", "/", headers={"X-Toy": "1"}),
        await server.ask("POST", "/any/path?toyMark=1", b"{}"),
        await server.ask("POST", "/", form, FORM),
        await server.ask("POST", "/", form, {"Content-Type": FORM["Content-Type"] + "; charset=UTF-8"}),
    ]
    assert [is_toys(answer) for answer in answers] == [True] * 4
    assert server.script.requests[2].body == form


async def test_a_form_without_marks_is_nobodys(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/", b"a=b", FORM)
    assert (answer.status, answer.code) == (404, "entity.not_found")


async def test_marks_in_a_body_that_is_no_form_are_not_looked_for(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/", {"toyMark=": 1})
    assert answer.status == 404


@pytest.mark.parametrize("target", ["/api/clock", "/healthz", "/readyz"])
async def test_our_own_paths_are_ours_whatever_the_marks(server: RunningGateway, target: str) -> None:
    assert not is_toys(await server.ask("GET", target, headers={"X-Toy": "1"}))


@pytest.mark.parametrize("target", ["/apiary", "/healthzoo", "/api-v2/send"])
async def test_paths_that_only_begin_like_ours_are_not_ours(server: RunningGateway, target: str) -> None:
    assert is_toys(await server.ask("GET", target, headers={"X-Toy": "1"}))


@pytest.mark.parametrize(
    "target", ["/", "/nothing", "/api", "/api/", "/api/no", "*", "//", "/%zz", "/api/captures/"]
)
async def test_what_is_nobodys_is_a_404_that_says_what_was_looked_for(server: RunningGateway, target: str) -> None:
    answer = await server.ask("OPTIONS" if target == "*" else "GET", target)
    assert (answer.status, answer.code) == (404, "entity.not_found")
    assert "docs/api.md" in answer.json()["message"]
    assert answer.json()["data"] == {}


async def test_a_wrong_method_is_a_405_with_allow(server: RunningGateway) -> None:
    answer = await server.ask("PUT", "/api/clock")
    assert (answer.status, answer.code) == (405, "request.method_not_allowed")
    assert answer.header("allow") == "GET, HEAD, POST"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_the_wait_is_never_taken_for_a_capture_of_that_id(server: RunningGateway, method: str) -> None:
    answer = await server.ask(method, "/api/captures/wait")
    assert (answer.status, answer.header("allow")) == (405, "POST")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_path_that_is_no_utf_8_is_a_404_with_whatever_method(server: RunningGateway, method: str) -> None:
    """The second route of a path used to be passed over, so that the answer was a 405."""
    answer = await server.ask(method, "/api/captures/%80")
    assert (answer.status, answer.code) == (404, "entity.not_found")


@pytest.mark.parametrize("target", ["/api/status?x=1", "/api/captures/wait?timeout=1", "/api/clock?a=&now=1"])
async def test_a_call_without_parameters_refuses_them(server: RunningGateway, target: str) -> None:
    """One that does nothing misleads: the timeout of a wait is in its body."""
    method = "POST" if target.startswith("/api/captures") else "GET"
    answer = await server.ask(method, target, {"to": "13800138000", "timeout": 0} if method == "POST" else None)
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert "unknown" in answer.json()["message"]


async def test_an_identity_server_may_put_a_query_behind_the_address_of_a_send(server: RunningGateway) -> None:
    body = {"to": "13800138000", "type": "SignIn", "payload": {"code": "1"}}
    assert (await server.ask("POST", "/api/connectors/toy/send?from=logto", body)).status == 200
    assert (await server.ask("GET", "/healthz?probe=1")).status == 200


async def test_a_form_is_bounded_by_the_provider_that_claims_it() -> None:
    """The dispatch reads it with the largest bound of all providers: the claimant's own still counts."""
    script = toy.Script()

    def never(request: Request) -> bool:
        return False

    small = toy.provider_with(script, max_body=1000)
    large = replace(small, name="large", claims=never, factories={}, max_body=100_000)
    async with running({"toy": small, "large": large}, script=script) as server:
        answer = await server.ask("POST", "/", b"toyMark=1&x=" + b"y" * 5000, FORM)
        assert (answer.status, answer.json()) == (413, {"error": "TooBig"})
        assert script.requests[0].oversized
        assert script.requests[0].body == b""


async def test_without_providers_the_api_still_works() -> None:
    async with running({}, connectors=[]) as server:
        assert (await server.ask("GET", "/api/providers")).json() == {"providers": []}
        assert "known: none" in (await server.ask("GET", "/fakes/toy")).json()["message"]
        assert (await server.ask("POST", "/", b"a=b", FORM)).status == 404


def filled(path: str) -> str:
    """A path with something in its variable parts."""
    return re.sub(r"\{\w+\}", "13800138000", path)


async def test_every_get_may_be_asked_as_head(server: RunningGateway) -> None:
    for route in ROUTES:
        if route.method == "GET" and not route.waits:
            whole, head = [await server.ask(method, filled(route.path)) for method in ("GET", "HEAD")]
            assert (head.status, head.body) == (whole.status, b""), route.path
            for name in ("content-type", "allow"):
                assert head.header(name) == whole.header(name), route.path
            assert head.header("content-length") is not None, route.path


async def test_every_other_method_is_a_405_that_names_those_that_work(server: RunningGateway) -> None:
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"}
    for path in {route.path for route in ROUTES}:
        given = [route.method for route in ROUTES if route.path == path]
        takes = {*given, "HEAD"} if "GET" in given else {*given}
        for method in methods - takes:
            answer = await server.ask(method, filled(path))
            assert answer.status == 405, (method, path)
            assert set((answer.header("allow") or "").split(", ")) == takes, (method, path)
