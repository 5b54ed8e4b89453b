"""All that this fake can say: the rows of the table, and the families that are named after a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from gateway.faults.rules import Effect, ProviderError
from gateway.providers.aliyun_sms.fake.operations import GLOBE as GLOBE_VERSION
from gateway.providers.aliyun_sms.fake.operations import OPERATIONS
from gateway.providers.aliyun_sms.wire.errors import ERRORS, row_of
from gateway.providers.aliyun_sms.wire.service_errors import GLOBE, REGISTERING, SENDING
from gateway.providers.ports import KnownError

SENDS = frozenset(
    {"SendSms", "SendBatchSms", "SendMessageToGlobe", "BatchSendMessageToGlobe", "SendMessageWithTemplate"}
)

MAGIC: Mapping[str, Effect] = {
    "invalid": Effect(error=ProviderError("isv.MOBILE_NUMBER_ILLEGAL")),
    "blocked": Effect(error=ProviderError("isv.BLACK_KEY_CONTROL_LIMIT")),
    "rate-limited": Effect(error=ProviderError("isv.BUSINESS_LIMIT_CONTROL")),
    "throttled": Effect(error=ProviderError("Throttling.User")),
    "down": Effect(error=ProviderError("ServiceUnavailable")),
}
"""Aliyun's own errors for magic recipients."""

_ENVELOPE = (
    "Action",
    "Version",
    "AccessKeyId",
    "Timestamp",
    "SignatureNonce",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SecurityToken",
)


@lru_cache(maxsize=1)
def errors() -> Sequence[KnownError]:
    """By their codes, each once."""
    return tuple(_all())


def _all() -> Iterator[KnownError]:
    old = [action for version, action in OPERATIONS if version != GLOBE_VERSION]
    globe = tuple([action for version, action in OPERATIONS if version == GLOBE_VERSION])
    sending = tuple([action for action in old if action in SENDS])
    registering = tuple([action for action in old if not action.startswith(("Send", "QuerySend"))])
    for code, row in ERRORS.items():
        where: tuple[str, ...] = ()
        if code in GLOBE:
            where = globe
        elif code in REGISTERING:
            where = registering
        elif code in SENDING:
            where = (
                (*sending, *registering)
                if code.startswith("isp.") or row.means.reason == "account_refused"
                else sending
            )
        yield KnownError(code, row.status, row.message, where, row.means)
    named: dict[str, list[str]] = {name: [] for name in _ENVELOPE}
    for (_, action), operation in OPERATIONS.items():
        for parameter in operation.parameters:
            # A list has its own name: SignFileList.1.FileContents.
            actions = named.setdefault(parameter.name.partition(".")[0], [])
            if action not in actions:
                actions.append(action)
    for name, actions in named.items():
        for code in (f"Missing{name}", f"Invalid{name}"):
            if code not in ERRORS:
                row = row_of(code)
                yield KnownError(code, row.status, row.message, tuple(actions), row.means)
    row = row_of("InvalidParameter")
    yield KnownError("InvalidParameter", row.status, row.message, (), row.means)
