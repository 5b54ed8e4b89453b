"""JSON documents as answers."""

from __future__ import annotations

import json
from typing import Any

from gateway.core.model import Pairs, Response
from gateway.providers.oauth2.fake.call import Call

NO_STORE: Pairs = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
_JSON: Pairs = (("Content-Type", "application/json"),)


def as_json(document: Any, status: int = 200, headers: Pairs = ()) -> Response:
    body = json.dumps(document, separators=(",", ":")).encode()
    return Response(status, _JSON + headers, body)


def no_store(call: Call) -> Pairs:
    return () if call.broken("no_store") else NO_STORE
