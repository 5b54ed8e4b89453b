"""Writes docs/reference.md and docs/errors.md: ``python -m tests.repo.reference``.

The first is made from the OpenAPI document, the second from the error classes. A test fails if one is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gateway.core.errors import ConfigError, GatewayError
from gateway.web.api import ROUTES
from gateway.web.routing.errors import ERRORS, SEND_FAILURES
from gateway.web.routing.openapi import TAGS, document

ROOT = Path(__file__).resolve().parents[2]
MADE = "<!-- Made by `python -m tests.repo.reference`: change the description in gateway/web instead. -->"

_INTRO = f"""{MADE}

# Reference of the API

Every call with all that goes in and comes out, from the OpenAPI document that a running gateway gives at
`/api/openapi.json` and shows at `/api/docs`. [api.md](api.md) is the guide: how the calls go together, and why.
[errors.md](errors.md) has the cause and the cure of every error code.
"""

_ERRORS = f"""{MADE}

# Errors

What every error looks like, and who sees it, is in the [guide](api.md#errors). `code` says what happened; where a
send failed, `data.reason` says it more finely. Fakes answer with their provider's own errors instead:
[Aliyun's](aliyun-sms.md).

## Codes

| code | status | cause | cure |
|---|---|---|---|
"""

_REASONS = """
## Reasons of a failed send

`data` of a `connector.*` error also has `maybeSent` and `retryable`: only what certainly was not sent is worth
another try, and the gateway has tried that itself. The last column says whether a connector that stands in for the
first one ([fallback](connectors.md#fallback)) is tried then. An error without any of these reasons (`general`,
`refused`) is one that nobody knows more of: no fallback.

| `data.reason` | cause | cure | fallback |
|---|---|---|---|
"""


OF_BODIES = ("request.timeout", "request.too_large", "request.content_type")
OF_ALL = ("request.malformed", "gateway.internal")
OF_GUARDED = ("request.invalid", "auth.forbidden", "auth.unauthorized", "gateway.unavailable", "store.unavailable")
OF_MANY = frozenset((*OF_BODIES, *OF_ALL, *OF_GUARDED))


def errors_page() -> str:
    codes = "".join(_error_row(one, str(one.status)) for one in ERRORS)
    codes += _error_row(ConfigError, "none")  # the command line prints it
    reasons = "".join(
        f"| `{one.reason}` | {one.reason_cause} | {one.reason_cure} "
        f"| {'Yes' if one.fallback else 'No'}: {one.fallback_why} |\n"
        for one in SEND_FAILURES
    )
    return f"{_ERRORS}{codes}{_REASONS}{reasons}"


def _error_row(error: type[GatewayError], status: str) -> str:
    return f'| <a id="{error.code}"></a>`{error.code}` | {status} | {error.cause} | {error.cure} |\n'


def reference_page() -> str:
    whole = document(ROUTES)
    said = (
        f"\nEvery call may be refused with {_codes(OF_ALL)};\nbelow `/api` with {_codes(OF_GUARDED)};\none with a "
        f"body with {_codes(OF_BODIES)}.\nA path takes no other method ({_code('request.method_not_allowed')})."
    )
    parts = [_INTRO, whole["info"]["description"], said, ""]
    for tag, text in TAGS.items():
        parts += [f"## {tag.capitalize()}", "", text, ""]
        for path, item in whole["paths"].items():
            for method, call in item.items():
                if call["tags"] == [tag]:
                    parts += _call(whole, method, path, call)
    parts += ["## Objects", ""]
    for name, schema in whole["components"]["schemas"].items():
        if not name.endswith("Body"):
            parts += [f'### <a id="object-{name}"></a>{name}', "", *_object(schema)]
    return "\n".join(parts).rstrip() + "\n"


def _call(whole: dict[str, Any], method: str, path: str, call: dict[str, Any]) -> Iterator[str]:
    yield from (f"### `{method.upper()} {path}`", "", f"{call['summary']} {_access(call)}".strip(), "")
    parameters = call.get("parameters", [])
    if parameters:
        yield from ("| parameter | in | type | meaning |", "|---|---|---|---|")
        for one in parameters:
            required = ", required" if one["required"] and one["in"] != "path" else ""
            meaning = _meaning(one.get("description", ""), one["schema"])
            yield f"| `{one['name']}` | {one['in']}{required} | {_kind(one['schema'])} | {meaning} |"
        yield ""
    if "requestBody" in call:
        ((kind, content),) = call["requestBody"]["content"].items()
        if kind == "application/json":
            yield from ("```json", json.dumps(content["example"], ensure_ascii=False), "```", "")
        else:
            yield from ("```", urlencode(content["example"]), "```", "", f"A form: `{kind}`.", "")
        yield from _object(whole["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]], "required")
    for status, given in call["responses"].items():
        if status < "400":
            yield from (f"**{status}**: {_given(given)}", "")
    refusals = ", ".join(_refusals(whole, call))
    if refusals:
        yield from (f"Refused with {refusals}.", "")


def _access(call: dict[str, Any]) -> str:
    if not call["security"]:
        return "Takes no token."
    if any("connectorAuthorization" in one for one in call["security"]):
        return "Takes the connector's own authorization."
    return "It may keep the connection open." if call.get("x-streams") else ""


def _given(answer: dict[str, Any]) -> str:
    said: list[str] = []
    for kind, content in answer.get("content", {}).items():
        schema = content["schema"]
        said.append(_kind(schema) if "$ref" in schema else f"`{kind}`")
    said += [f"`{name}`: {one['description']}" for name, one in answer.get("headers", {}).items()]
    return " ".join([f"{said[0]}.", *said[1:]]) if said else "no body."


def _refusals(whole: dict[str, Any], call: dict[str, Any]) -> Iterator[str]:
    """What this call may be refused with beyond what every one of its kind may."""
    for status, answer in call["responses"].items():
        if status < "400":
            continue
        found = answer
        if "$ref" in answer:
            found = whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        codes = found["content"]["application/json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
        own = [code for code in codes if code not in OF_MANY]
        if own:
            yield f"{status} " + " ".join(_code(code) for code in own)


def _codes(codes: Sequence[str]) -> str:
    return ", ".join(_code(code) for code in codes)


def _code(code: str) -> str:
    return f"[`{code}`](errors.md#{code})"


def _object(schema: dict[str, Any], needed: str = "always") -> Iterator[str]:
    if schema.get("description"):
        yield from (schema["description"], "")
    if "properties" not in schema:
        limits = _meaning("", schema)
        yield from (f"{_kind(schema)}{f': {limits}' if limits else ''}", "")
        return
    if not schema["properties"]:
        return
    required = schema.get("required", ())
    yield from ("| key | type | | meaning |", "|---|---|---|---|")
    for name, field in schema["properties"].items():
        word = needed if name in required else ""
        yield f"| `{name}` | {_kind(field)} | {word} | {_meaning(field.get('description', ''), field)} |"
    yield ""


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#object-{name})"
    kinds = schema.get("anyOf") or schema.get("oneOf")
    if kinds:
        return " or ".join(_kind(one) for one in kinds)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    inner = schema.get("additionalProperties")
    if schema.get("type") == "object" and isinstance(inner, dict) and inner:
        return f"object of {_kind(inner)}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _meaning(description: str, schema: dict[str, Any]) -> str:
    """The description, and what the schema says beyond its type."""
    said = [description] if description else []
    branches = [schema, *(one for one in schema.get("anyOf", ()) if "$ref" not in one)]
    for one in branches:
        if one.get("description") and one["description"] != description and not description:
            said.append(one["description"])
        if "enum" in one:
            said.append("One of " + ", ".join(f"`{value}`" for value in one["enum"]) + ".")
        if "const" in one:
            said.append(f"Always `{json.dumps(one['const'])}`.")
        said += _bounds(one)
        if one.get("default") not in (None, {}):
            said.append(f"By default `{json.dumps(one['default'])}`.")
    return " ".join(dict.fromkeys(said)).replace("|", "\\|")


def _bounds(schema: dict[str, Any]) -> Iterator[str]:
    if schema.get("minLength") == 1 and "maxLength" not in schema:
        yield "Not empty."
        return
    for low, high, of in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters")):
        bounds = [
            f"at {word} {schema[key]:g}" if schema[key] < 10**6 else f"at {word} {schema[key]}"
            for key, word in ((low, "least"), (high, "most"))
            if key in schema
        ]
        if bounds:
            text = " and ".join(bounds)
            yield f"{text[0].upper()}{text[1:]}{of}."
    if "exclusiveMinimum" in schema:
        yield f"More than {schema['exclusiveMinimum']:g}."


PAGES = {"docs/reference.md": reference_page, "docs/errors.md": errors_page}


def main() -> int:
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")
        print(f"{name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
