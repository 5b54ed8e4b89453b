"""One call of the API: read and check its parameters and its body. Errors name the field and the fix."""

from __future__ import annotations

import asyncio
import difflib
import json
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from gateway.core.errors import InvalidInput, InvalidRequest, TooLarge, Unavailable, WrongContentType
from gateway.core.model import Response
from gateway.web.routing.services import Services
from gateway.web.server.connection import connection_of, read_body
from gateway.web.server.log import RequestInfo

BODY_LIMIT = 1024 * 1024
# A form is forwarded as a query.
FORM_LIMIT = 64 * 1024
FORM = "application/x-www-form-urlencoded"


class Input(BaseModel):
    """A body or a query. Keys are camelCase; unknown keys are refused.

    ``blanks``: whether an empty parameter of a query (``?type=``) is validated, which most types refuse. If not, it
    counts as left out. Set it if the call does more without the parameter, for example deletes more.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)
    blanks: ClassVar[bool] = False


class LogtoInput(Input):
    """The input of a call that Logto's API has too, checked as there.

    Unknown keys are ignored, and an error is ``guard.invalid_input`` with the issues of Logto's validator (zod).
    """

    model_config = ConfigDict(extra="ignore")


class Nothing(Input):
    """Takes no keys, no parameters."""


In = TypeVar("In", bound=Input)
T = TypeVar("T")

# A StreamResponse is one that writes to the connection itself, as an event stream does.
Answer: TypeAlias = Response | web.StreamResponse
Handler: TypeAlias = Callable[["Call"], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, and its connection."""

    request: web.BaseRequest
    services: Services
    # The variable parts of the path, decoded.
    params: Mapping[str, str]
    # What the log says of the call.
    info: RequestInfo
    # The JSON of the body, alone in a tuple, if it was read already.
    document: tuple[object] | None = None

    @property
    def left(self) -> bool:
        """Return whether the client has disconnected."""
        return connection_of(self.request).gone.is_set()

    def query(self, model: type[In]) -> In:
        """Return the query. Raises InvalidRequest."""
        raw = self.request.raw_path.partition("?")[2]
        return validate(model, _pairs(raw, "the query string", blanks=model.blanks), strict=False)

    async def form(self, model: type[In]) -> In:
        """Return the body, which must be a form.

        Raises InvalidRequest, TooLarge, WrongContentType and RequestTimeout.
        """
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != FORM:
            raise WrongContentType(f"Content-Type: must be {FORM}", data={"field": "Content-Type"})
        try:
            raw = (await self._read(FORM_LIMIT)).decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidRequest("the form is not UTF-8") from None
        return validate(model, _pairs(raw, "the form", blanks=model.blanks), strict=False)

    def no_query(self) -> None:
        """Raise InvalidRequest if there is a query: a parameter without effect would mislead."""
        if "?" in self.request.raw_path:
            self.query(Nothing)

    async def body(self, model: type[In]) -> In:
        """Return the JSON body. An empty one counts as ``{}``.

        Raises InvalidRequest, TooLarge, WrongContentType and RequestTimeout.
        """
        return validate(model, await self.json(), strict=True)

    async def json(self) -> object:
        if self.document is not None:
            return self.document[0]
        body = await self._read(BODY_LIMIT)
        if not body:
            return {}
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise WrongContentType("Content-Type: must be application/json", data={"field": "Content-Type"})
        try:
            return json.loads(body.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
        except UnicodeDecodeError:
            raise InvalidRequest("the body is not UTF-8") from None
        except RecursionError:
            raise InvalidRequest("the body is nested too deeply") from None
        except json.JSONDecodeError as error:
            raise InvalidRequest(f"the body is not JSON: line {error.lineno}, column {error.colno}") from None
        except ValueError:
            raise InvalidRequest("the body holds a number that JSON does not have") from None

    async def _read(self, limit: int) -> bytes:
        if self.request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise WrongContentType("Content-Encoding: send the body uncompressed")
        body = await read_body(self.request, limit)
        if body is None:
            raise TooLarge(f"the body must be at most {'1 MiB' if limit == BODY_LIMIT else '64 KiB'}")
        return body

    async def while_connected(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a wait. Raises Unavailable if the client disconnects or the gateway stops before its end."""
        task = asyncio.ensure_future(work)
        over = asyncio.ensure_future(connection_of(self.request).over.wait())
        try:
            await asyncio.wait({task, over}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Unavailable("the gateway is stopping")
        finally:
            task.cancel()
            over.cancel()
            # If the wait was taking a capture, it gives the capture back first.
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # retrieved, so that asyncio does not log it


def _pairs(raw: str, what: str, *, blanks: bool) -> dict[str, str]:
    """Read a query or a form. Raises InvalidRequest."""
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=100)
    except UnicodeDecodeError:
        raise InvalidRequest(f"{what} is not well-formed UTF-8") from None
    except ValueError:
        raise InvalidRequest(f"{what} has more than 100 parameters") from None
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise InvalidRequest(f"{_shown(name)}: given twice", data={"field": _shown(name)})
        if value or blanks:
            given[name] = value
    return given


def validate(model: type[In], given: object, *, strict: bool) -> In:
    """Return the model. Raises InvalidRequest for the first mistake."""
    if not isinstance(given, dict):
        text = "the body must be a JSON object"
        raise _guarded("body", text, "dict_type", ()) if issubclass(model, LogtoInput) else InvalidRequest(text)
    try:
        return model.model_validate(given, strict=strict)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = ".".join(_shown(str(part)) for part in problem["loc"]) or "body"
    if problem["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        near = difflib.get_close_matches(path, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or 'none'}"
        text = f"unknown; {hint}"
    elif problem["type"] == "missing":
        text = "is required"
    else:
        text = problem["msg"].removeprefix("Value error, ")
        text = text.replace("Input should be", "must be").replace("String should", "must")
    if issubclass(model, LogtoInput):
        raise _guarded(path, f"{path}: {text}", problem["type"], problem["loc"])
    raise InvalidRequest(f"{path}: {text}", data={"field": path})


def _guarded(field: str, text: str, kind: str, path: Sequence[int | str]) -> InvalidInput:
    """Return an error as Logto's guard has it. ``kind`` is pydantic's type of the problem."""
    code = _ZOD_CODES.get(kind) or ("invalid_type" if kind.endswith("_type") else "custom")
    steps = [step if isinstance(step, int) else _shown(step) for step in path]
    issue = {"code": code, "path": steps, "message": text}
    return InvalidInput(text, data={"field": field, "name": "ZodError", "issues": [issue]})


_ZOD_CODES = {
    "missing": "invalid_type",
    "string_pattern_mismatch": "invalid_string",
    "string_too_short": "too_small",
    "string_too_long": "too_big",
}


def _shown(name: str) -> str:
    """Return a key of the caller, shortened and escaped for an error message."""
    short = name if len(name) <= 40 else f"{name[:37]}..."
    return short if short.isprintable() else ascii(short)[1:-1]


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _finite(text: str) -> float:
    """Refuse 1e999, which is JSON, but which Python reads as infinity."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
