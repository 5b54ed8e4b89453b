"""The header ``Idempotency-Key`` of routes that are ``idempotent``. The rules are in ``idempotency.py``."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from pydantic import BaseModel, Field

from gateway.core.errors import GatewayError, InternalError, InvalidRequest
from gateway.core.model import Response
from gateway.web.routing.calls import Answer, Call
from gateway.web.routing.idempotency import Outcome
from gateway.web.server.answers import error_answer
from gateway.web.server.defects import log_defect

NAME = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Keyed(BaseModel):
    """The header, for the OpenAPI document."""

    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Do this once: the same key and body within 24 hours get the same answer. Visible ASCII.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    )


async def once(call: Call, handler: Callable[[Call], Awaitable[Answer]]) -> Answer:
    """Run the handler, or return the answer that it gave to an earlier request with the same key.

    Without a key the handler always runs. Raises InvalidRequest, KeyReused, KeyInProgress, KeyInterrupted, and the
    errors of reading the body.
    """
    headers = call.request.headers
    keys = headers.getall(NAME, [])
    if not keys:
        return await handler(call)
    if len(keys) > 1 or _KEY.fullmatch(keys[0]) is None:
        raise InvalidRequest(
            f"{NAME}: must be given once, 1 to 255 visible ASCII characters, such as a UUID", data={"field": NAME}
        )
    document = await call.json()
    call = replace(call, document=(document,))

    async def work() -> Outcome:
        try:
            answer = await handler(call)
        except GatewayError as error:
            return Outcome(error_answer(error), spent=error.maybe_sent or bool(error.data.get("maybeSent")))
        except Exception as error:  # noqa: BLE001  # the work may be half done: the key must not start it again
            log_defect(f"{call.request.method} {call.note.route}", error, call.note.id)
            return Outcome(error_answer(InternalError()))
        if not isinstance(answer, Response):
            raise TypeError("an idempotent route answers with a Response")
        return Outcome(answer)

    # A key belongs to one client, which its authorization identifies.
    caller = headers.get("Authorization", "")
    asked = _canonical([call.request.method, call.note.route, dict(call.params), document])
    answer, earlier = await call.services.idempotency.once(caller, keys[0], asked, work)
    return replace(answer, headers=(*answer.headers, (REPLAYED, "true"))) if earlier else answer


def _canonical(asked: list[object]) -> str:
    """Return the same text for equal JSON, whatever its spacing and order of keys."""
    try:
        return json.dumps(asked, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise InvalidRequest("the body is nested too deeply") from None
