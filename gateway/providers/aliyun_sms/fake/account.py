"""May this account send at all? What the config says of it, lenient or strict."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.settings import FakeSettings

REFUSED: Mapping[str, str] = {
    "no_balance": "isv.AMOUNT_NOT_ENOUGH",
    "out_of_service": "isv.OUT_OF_SERVICE",
    "unsubscribed": "isv.PRODUCT_UN_SUBSCRIPT",
    "product_unsubscribed": "isv.PRODUCT_UNSUBSCRIBE",
    "not_exists": "isv.ACCOUNT_NOT_EXISTS",
    "abnormal": "isv.ACCOUNT_ABNORMAL",
    "frozen": "isv.SECURITY_FROZEN_ACCOUNT",
    "permission_denied": "isp.RAM_PERMISSION_DENY",
    "key_disabled": "InvalidAccessKeyId.Inactive",
}
"""The code of each state but ``active``."""


def allowed(call: Call, settings: FakeSettings) -> None:
    """Raises Refusal for an account that is not active, and for a caller in a denied network."""
    own = call.account.state if call.account is not None else "active"
    state = settings.state if own == "active" else own
    if state != "active":
        raise Refusal(REFUSED[state], f"this fake's config says that the account is {state}")
    if settings.denied_networks:
        _place(call, settings)


def _place(call: Call, settings: FakeSettings) -> None:
    from ipaddress import ip_address, ip_network

    try:
        peer = ip_address(call.request.peer)
    except ValueError:
        return
    for network in settings.denied_networks:
        if peer in ip_network(network):
            raise Refusal("isv.DENY_IP_RANGE", f"this fake's config denies {network}")


def account_id(call: Call) -> str:
    """Whose state it is; all keys that nobody registered (lenient fakes) share one."""
    return call.account.key_id if call.account is not None else "*"


def balance(call: Call, settings: FakeSettings) -> int | None:
    """How many messages the account could pay for at first."""
    own = call.account.balance if call.account is not None else None
    return settings.balance if own is None else own
