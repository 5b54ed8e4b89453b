"""The OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), made from the routes and their models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from gateway.core.errors import InvalidInput, Unauthorized
from gateway.web.routing.api import Route
from gateway.web.routing.calls import FORM, LogtoInput
from gateway.web.routing.errors import BODY_ERRORS, COMMON_ERRORS, ERRORS, GUARDED_ERRORS, IDEMPOTENCY_ERRORS
from gateway.web.routing.idempotency import REPLAYED, Keyed
from gateway.web.routing.models import Error
from gateway.web.server.access import OPEN

Schema: TypeAlias = dict[str, Any]
_REF = "#/components/schemas/{model}"
_NULL = {"type": "null"}

TAGS = {
    "status": "Is it up, what is it, and how to reach the fakes.",
    "sending": "The door at which an app, or Logto, knocks.",
    "codes": "Codes in plain text, for shells and any language.",
    "verification": "One-time codes with rules: made here, sent, checked. As Logto does it, and richer.",
    "captures": "The inbox: what the fakes accepted and would have delivered.",
    "messages": "What we were asked to send, and what became of it.",
    "exchanges": "Every request at a fake and its answer, as they went over the wire.",
    "events": "All of it as it comes.",
    "recipients": "Numbers and addresses that no other test uses.",
    "faults": "Make a fake misbehave on purpose.",
    "reviews": "What somebody at a provider would decide by hand: signatures and templates.",
    "social": "Personas and clients of a fake that signs people in.",
    "clock": "The gateway's own time, and a fresh start.",
    "connectors": "Connectors and what they are made of, as Logto's console has them.",
    "sign-in": "Social sign-in: through an app's own callback, or the gateway's.",
    "templates": "The words of a message, and how they will look on the phone.",
    "description": "This description.",
}
"""The resources, in the order of docs/reference.md."""

_ABOUT = """\
Send one-time codes, and read back what would have been delivered. Keys are camelCase; times are ISO 8601 in UTC;
durations are seconds. An unknown key or query parameter is refused by name; an empty query parameter counts as left
out, unless the call would do more without it. Every `GET` may be asked as `HEAD`. Every error has the same body,
and its `code` says what to do. The log names each answer by its `X-Request-Id`."""
_TOKEN = "The API token, where the server was started with one (`server.api_token`)."  # noqa: S105  # a description
_OWN = "The connector's own `authorization`, verbatim. A connector that has none takes the API token."
_HEADERS = {
    401: ("WWW-Authenticate", "`Bearer`"),
    405: ("Allow", "The methods that the path takes."),
    429: ("Retry-After", "Whole seconds, where they are known."),
    503: ("Retry-After", "Whole seconds, where a limit is reached."),
}


def document(
    routes: Sequence[Route], *, url: str = "http://127.0.0.1:4650", version: str = "", token: bool | None = None
) -> Schema:
    """Return the OpenAPI document.

    Args:
        url: the address of the server.
        token: whether an API token is set; None for a document that is not of one server.
    """
    schemas = Schemas()
    error = schemas.ref(Error)
    codes = schemas.by_name["Error"]["properties"]["code"]
    codes["enum"] = [error_class.code for error_class in ERRORS]
    codes["x-enum-descriptions"] = {each.code: f"{each.cause} {each.cure}" for each in ERRORS}
    common = _common(routes)
    paths: dict[str, Schema] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas, common, token=token)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Connector gateway",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiToken": {"type": "http", "scheme": "bearer", "description": _TOKEN},
                "connectorAuthorization": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": _OWN,
                },
            },
            "responses": {name: _refusal(status, set_of, error) for (status, set_of), name in common.items()},
            "schemas": dict(sorted(schemas.by_name.items())),
        },
    }


def errors_of(route: Route) -> dict[int, frozenset[str]]:
    """Return the error codes that a route may answer with, by status."""
    errors = {*COMMON_ERRORS, *route.errors}
    if route.access is not OPEN:
        errors.update(GUARDED_ERRORS)
    if route.access.asks_for is not None:
        errors.add(Unauthorized)
    if route.body is not None:
        errors.update(BODY_ERRORS)
    if any(model is not None and issubclass(model, LogtoInput) for model in (route.body, route.query)):
        errors.add(InvalidInput)
    if route.idempotent:
        errors.update(IDEMPOTENCY_ERRORS)
    statuses = sorted({error.status for error in errors})
    return {status: frozenset(error.code for error in errors if error.status == status) for status in statuses}


def _operation(
    route: Route, schemas: Schemas, common: dict[tuple[int, frozenset[str]], str], *, token: bool | None
) -> Schema:
    name = route.operation_id
    operation: Schema = {"operationId": name, "tags": [route.tag], "summary": route.summary, "security": []}
    if route.waits:
        operation["x-streams"] = True
    if route.access is not OPEN:
        operation["security"] = _security(route, token=token)
    given = [
        *(parameters(route.params, "path") if route.params else ()),
        *(parameters(route.query, "query") if route.query else ()),
        *(parameters(route.headers, "header") if route.headers else ()),
        *(parameters(Keyed, "header") if route.idempotent else ()),
    ]
    if given:
        operation["parameters"] = given
    if route.body is not None:
        schema = schemas.ref(route.body, f"{name[0].upper()}{name[1:]}Body")
        content: Schema = {"schema": schema}
        if route.example is not None:
            content["example"] = dict(route.example)
        required = bool(schemas.by_name[schema["$ref"].rpartition("/")[2]].get("required"))
        kind = FORM if route.form else "application/json"
        operation["requestBody"] = {"required": required, "content": {kind: content}}
    answers = {str(status): _answer(route, status, schemas) for status in route.answers}
    error = {"$ref": "#/components/schemas/Error"}
    for status, codes in errors_of(route).items():
        shared = common.get((status, codes))
        answers[str(status)] = (
            {"$ref": f"#/components/responses/{shared}"} if shared else _refusal(status, codes, error)
        )
    operation["responses"] = answers
    return operation


def _security(route: Route, *, token: bool | None) -> list[Schema]:
    """Return the security requirements. An empty one says that the call works without."""
    if route.access.asks_for is None:
        return []
    own: list[Schema] = [{"connectorAuthorization": []}] if route.access.asks_for == "connector" else []
    return [*([] if token else [{}]), *own, *([] if token is False else [{"apiToken": []}])]


def _answer(route: Route, status: int, schemas: Schemas) -> Schema:
    kind = route.answers[status]
    answer: Schema = {"description": HTTPStatus(status).phrase}
    if isinstance(kind, str):
        answer["content"] = {kind: {"schema": {"type": "object" if kind == "application/json" else "string"}}}
    elif kind is not None:
        answer["description"] = " ".join((kind.__doc__ or "").replace("``", "`").split())
        answer["content"] = {"application/json": {"schema": schemas.ref(kind)}}
    headers: Schema = {
        name: {"required": True, "description": text, "schema": {"type": "string"}}
        for name, text in route.gives.items()
    }
    if route.idempotent:
        text = "`true`: an earlier request with the same `Idempotency-Key` was answered so."
        headers[REPLAYED] = {"description": text, "schema": {"const": "true"}}
    if headers:
        answer["headers"] = headers
    return answer


def _refusal(status: int, codes: Iterable[str], error: Schema) -> Schema:
    errors = [error_class for error_class in ERRORS if error_class.code in codes]
    answer: Schema = {
        "description": "\n".join(f"* `{one.code}`: {one.cause}" for one in errors),
        "content": {
            "application/json": {
                "schema": {"allOf": [error, {"properties": {"code": {"enum": [one.code for one in errors]}}}]}
            }
        },
    }
    if status in _HEADERS:
        name, text = _HEADERS[status]
        answer["headers"] = {name: {"description": text, "schema": {"type": "string"}}}
    return answer


def _common(routes: Sequence[Route]) -> dict[tuple[int, frozenset[str]], str]:
    """Return the sets of errors that several calls share, each with the name of its one description."""
    count = Counter(one for route in routes for one in errors_of(route).items())
    names: dict[tuple[int, frozenset[str]], str] = {}
    for one, times in count.most_common():
        name = f"Refused{one[0]}"
        if times > 1 and name not in names.values():
            names[one] = name
    return names


class _Generate(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  # pydantic's signature
        """Leave out titles, which only repeat the name of the field."""
        return False


class Schemas:
    """The JSON Schemas of a document's ``components``, each model once."""

    def __init__(self) -> None:
        self.by_name: dict[str, Schema] = {}

    def ref(self, model: type[BaseModel], name: str | None = None) -> Schema:
        """Add the schema of a model, named as its class unless ``name`` is given. Return a reference to it."""
        schema = _schema(model)
        for inner_name, inner in schema.pop("$defs", {}).items():
            self._add(inner_name, inner)
        name = name or model.__name__
        self._add(name, schema)
        return {"$ref": _REF.format(model=name)}

    def _add(self, name: str, schema: Schema) -> None:
        schema["title"] = name
        if self.by_name.setdefault(name, schema) != schema:
            raise ValueError(f"two models are called {name}: rename one")


def parameters(model: type[BaseModel], place: str) -> list[Schema]:
    """Return the fields of a model as OpenAPI parameters. ``place`` is path, query or header."""
    schema = _schema(model)
    required = schema.get("required", ())
    fields = schema["properties"].items()
    described = [_parameter(name, place, field, name in required) for name, field in fields]
    if place == "query" and not getattr(model, "blanks", False):
        for parameter in described:
            parameter["allowEmptyValue"] = True
    return described


def _parameter(name: str, place: str, field: Schema, required: bool) -> Schema:
    if "anyOf" in field and _NULL in field["anyOf"]:
        # None stands for a missing parameter: a query has no null.
        (kind,) = [kind for kind in field.pop("anyOf") if kind != _NULL]
        field = {**kind, **field}
    if field.get("default", ...) is None:
        del field["default"]
    found = {"name": name, "in": place, "required": required}
    if "description" in field:
        found["description"] = field.pop("description")
    if "examples" in field:
        found["example"] = field.pop("examples")[0]
    return {**found, "schema": field}


def _schema(model: type[BaseModel]) -> Schema:
    schema: Schema = _as_markdown(model.model_json_schema(ref_template=_REF, schema_generator=_Generate))
    return schema


def _as_markdown(value: Any) -> Any:
    """Turn descriptions from docstrings, which put code in double backquotes, into Markdown."""
    if isinstance(value, dict):
        return {
            key: " ".join(one.replace("``", "`").split())
            if key == "description" and isinstance(one, str)
            else _as_markdown(one)
            for key, one in value.items()
        }
    return [_as_markdown(one) for one in value] if isinstance(value, list) else value
