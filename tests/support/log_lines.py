"""Lines of the request log, without the request."""

from __future__ import annotations

from gateway.core.model import Channel, Recipient, Verdict
from gateway.web.server.labels import Labels
from gateway.web.server.request_log import Line
from tests.support import toy


def exchange_line(*to: str, at: float = 0.0, seconds: float = 0.00123) -> Line:
    """A request that the toy's fake accepted."""
    recipients = tuple(Recipient(Channel.SMS, one, (one,)) for one in to)
    verdict = Verdict(True, "Send", code="OK", recipients=recipients)
    return (
        at,
        "POST",
        200,
        seconds,
        ("ex_1", toy.NAME, verdict, Labels({toy.NAME: toy.provider})),
    )
