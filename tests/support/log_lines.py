"""Lines of the request log, without the request."""

from __future__ import annotations

from gateway.core.model import Channel, Recipient, Verdict
from gateway.web.server.log import ExchangeInfo, LogEvent, log_event
from gateway.web.server.metrics import Labels
from tests.support import toy


def exchange_line(*to: str, at: float = 0.0, seconds: float = 0.00123) -> LogEvent:
    """The line of a request that the toy's fake accepted."""
    recipients = tuple(Recipient(Channel.SMS, one, (one,)) for one in to)
    verdict = Verdict(True, "Send", code="OK", recipients=recipients)
    info = ExchangeInfo("ex_1", toy.NAME, verdict, Labels({toy.NAME: toy.provider}))
    return log_event(at, "POST", 200, seconds, info)
