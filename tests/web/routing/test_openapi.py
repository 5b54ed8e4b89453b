"""The OpenAPI document: whole, well-formed, served to who may ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel

from gateway.web.api import ROUTES
from gateway.web.routing.api import Route
from gateway.web.routing.errors import ERRORS
from gateway.web.routing.models import Output
from gateway.web.routing.openapi import TAGS, document, errors_of
from tests.support.api_description import described
from tests.support.running_gateway import RunningGateway, running

EACH = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


def operations() -> Iterator[dict[str, Any]]:
    for item in described()["paths"].values():
        yield from item.values()


def every(value: Any, key: str) -> Iterator[Any]:
    """What stands under a key, wherever it is."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for inner in value.values():
            yield from every(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from every(inner, key)


@EACH
def test_a_route_says_what_it_is_for_and_what_it_answers(route: Route) -> None:
    assert route.tag in TAGS
    assert re.fullmatch(r"[A-Z].{10,90}[.?]", route.summary)
    assert route.answers
    assert all(200 <= status < 400 for status in route.answers)
    params = set(re.findall(r"\{(\w+)\}", route.path))
    described = route.params.model_json_schema()["properties"] if route.params else {}
    assert set(described) == params
    # What is no UTF-8 in a path is a 404.
    assert 404 in errors_of(route) or not params


@EACH
def test_a_body_has_an_example_that_works(route: Route) -> None:
    assert (route.example is None) == (route.body is None)
    if route.body is not None:
        route.body.model_validate(route.example, strict=True)


@EACH
def test_json_is_described_by_models_that_take_nothing_more(route: Route) -> None:
    def forbids(model: type[BaseModel]) -> bool:
        return model.model_config.get("extra") == "forbid" or "root" in model.model_fields

    assert all(forbids(kind) for kind in route.answers.values() if isinstance(kind, type))


def test_an_output_refuses_an_unknown_key() -> None:
    class One(Output):
        some_thing: int

    assert One.model_validate({"someThing": 1}).some_thing == 1
    with pytest.raises(ValueError, match="Extra inputs"):
        One.model_validate({"someThing": 1, "more": 2})


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for operation in operations()]
    assert len(set(names)) == len(names) == len(ROUTES)
    assert next(one.operation_id for one in ROUTES if one.path == "/api/captures/wait") == "capturesWait"
    assert all(re.fullmatch("[a-z_]+([A-Z][a-z]+)+", name) for name in names)


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    whole = described()
    refs = set(every(whole, "$ref"))
    for ref in refs:
        found = whole
        for part in ref.removeprefix("#/").split("/"):
            found = found[part]
    for kind in ("schemas", "responses"):
        assert {f"#/components/{kind}/{name}" for name in whole["components"][kind]} <= refs


def test_every_schema_is_one() -> None:
    for schema in described()["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_every_schema_and_parameter_says_what_it_is() -> None:
    for name, schema in described()["components"]["schemas"].items():
        assert schema.get("description"), name
    for operation in operations():
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (operation["operationId"], parameter["name"])


def test_what_may_keep_a_connection_open_is_marked() -> None:
    marked = {operation["operationId"] for operation in operations() if operation.get("x-streams")}
    assert marked == {"capturesWait", "codesTake", "eventsEvents", "waitingExchange"}


def test_a_model_of_a_taken_name_is_told() -> None:
    class Capture(Output):
        """Another one."""

    def handler(call: object) -> None: ...

    twice = Route("GET", "/api/x/{id}", handler, tag="clock", summary="x", answers={200: Capture})  # type: ignore[arg-type]  # never called
    with pytest.raises(ValueError, match="two models are called Capture"):
        document([*ROUTES, twice])


# --- who asks ------------------------------------------------------------------------------------------------


async def test_it_is_served_with_the_servers_own_address(server: RunningGateway) -> None:
    first = await server.ask("GET", "/api/openapi.json")
    assert first.header("content-type") == "application/json; charset=utf-8"
    whole = first.json()
    assert whole["openapi"] == "3.1.1"
    assert whole["servers"] == [{"url": f"http://127.0.0.1:{server.port}"}]
    assert whole["paths"].keys() == described()["paths"].keys()
    assert (await server.ask("GET", "/api/openapi.json")).body == first.body


async def test_without_a_token_it_asks_for_none(server: RunningGateway) -> None:
    whole = (await server.ask("GET", "/api/openapi.json")).json()
    assert whole["paths"]["/api/clock"]["get"]["security"] == [{}]


async def test_with_a_token_it_asks_for_it_and_says_so() -> None:
    async with running(server={"api_token": "a-token"}) as server:
        assert (await server.ask("GET", "/api/openapi.json")).status == 401
        answer = await server.ask("GET", "/api/openapi.json", headers={"Authorization": "Bearer a-token"})
        paths = answer.json()["paths"]
        assert paths["/api/clock"]["get"]["security"] == [{"apiToken": []}]
        assert paths["/healthz"]["get"]["security"] == []
        assert paths["/api/docs"]["get"]["security"] == []
        send = paths["/api/connectors/{id}/send"]["post"]["security"]
        assert send == [{"connectorAuthorization": []}, {"apiToken": []}]
        assert b"a-token" not in answer.body


def test_it_has_the_cause_and_the_cure_of_every_code() -> None:
    code = described()["components"]["schemas"]["Error"]["properties"]["code"]
    assert set(code["enum"]) == set(code["x-enum-descriptions"])
    assert set(code["enum"]) == {one.code for one in ERRORS}
    used = {code for route in ROUTES for codes in errors_of(route).values() for code in codes}
    # No call's: a method that a path does not take, and a connection that nobody reads from.
    assert set(code["enum"]) - used == {"limit.connections", "request.method_not_allowed"}


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(described())) == described()
