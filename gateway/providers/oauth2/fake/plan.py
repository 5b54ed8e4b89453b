"""An endpoint plans first and acts afterwards: faults are asked between the two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from gateway.core.model import Response
from gateway.providers.oauth2.fake.call import Call

Act: TypeAlias = Callable[[], Awaitable[Response]]
"""Does what was planned. Nothing has changed before it is called."""
Plan: TypeAlias = Callable[[Call], Awaitable[Act]]
"""One endpoint: checks the request, raises ``Refusal``, changes nothing, returns the act."""
