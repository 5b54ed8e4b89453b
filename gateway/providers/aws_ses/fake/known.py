"""All that this fake can say: the rows of the table, by the codes of both versions and by their conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from gateway.faults.rules import Effect, ProviderError
from gateway.providers.aws_ses.wire.errors import ERRORS, row_of
from gateway.providers.ports import KnownError

SENDS = frozenset({"SendEmail", "SendBulkEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkTemplatedEmail"})

MAGIC: Mapping[str, Effect] = {
    "invalid": Effect(error=ProviderError("InvalidParameterValue", message="Illegal address")),
    "blocked": Effect(error=ProviderError("MessageRejected")),
    # SES counts by account only.
    "rate-limited": Effect(error=ProviderError("DailyQuota")),
    "throttled": Effect(error=ProviderError("Throttling")),
    "down": Effect(error=ProviderError("ServiceUnavailable")),
}
"""SES's own errors for magic recipients."""


@lru_cache(maxsize=1)
def errors() -> Sequence[KnownError]:
    """By their codes, each once; the status is that of v2, or of v1 for a code that only v1 has."""
    found: dict[str, KnownError] = {}
    for name, row in ERRORS.items():
        for code, status in ((name, row.v2_status), (row.v2, row.v2_status), (row.v1, row.v1_status)):
            # A code of several conditions means the first.
            means = row_of(code).means
            found.setdefault(code, KnownError(code, status, row.message, (), means))
    return tuple(found.values())
