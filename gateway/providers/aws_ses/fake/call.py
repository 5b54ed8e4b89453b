"""One request, decoded once, and what the checks find out about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.model import Recipient, Request
from gateway.faults.rules import Effect
from gateway.providers.aws_ses.fake.caller import Caller
from gateway.providers.aws_ses.fake.settings import FakeSettings
from gateway.providers.ports import Context


class Refusal(Exception):
    """A request that gets an error: ``code`` is a condition of the table, or any spelling of one; ``message`` where
    the table's will not do; ``name`` for the place ``{name}`` in the table's message; ``hint`` tells a person what
    would be right and is never sent."""

    def __init__(
        self,
        code: str,
        hint: str,
        *,
        message: str | None = None,
        name: str = "",
        explanation: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint
        self.message = message
        self.name = name
        self.explanation = dict(explanation or {})


@dataclass(slots=True)
class Call:
    """``path`` is the service's own, still escaped, without mount prefix; ``query`` the raw query. ``parameters``
    belong to the version: v1 its form by name, v2 its JSON body with what stood in path and query. ``recipients``
    are known as soon as the operation has read them. ``effect``: what a fault rule does to it where it is accepted.
    ``operation`` is AWS's name, empty until it is known."""

    request: Request
    context: Context
    settings: FakeSettings
    caller: Caller
    path: str
    query: str
    request_id: str
    region: str = ""
    account_id: str = ""
    operation: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    recipients: tuple[Recipient, ...] = ()
    effect: Effect | None = None

    @property
    def key_id(self) -> str:
        return self.caller.key_id

    @property
    def now(self) -> float:
        """Seconds of the gateway's clock."""
        return self.context.clock.now()

    def key(self, kind: str, name: str = "") -> str:
        """Where this account keeps such a thing in this region; see ``state``."""
        return f"fakes/aws-ses/{self.account_id}/{self.region}/{kind}/{name}"

    def arn(self, resource: str) -> str:
        """Of a resource such as ``identity/example.com``."""
        return f"arn:aws:ses:{self.region}:{self.account_id}:{resource}"
