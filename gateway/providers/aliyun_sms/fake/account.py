"""May this account send at all? What the config says of it, lenient or strict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    """Raises Refusal for an account that is not active, and for a caller from where it may not come."""
    own = call.account.state if call.account is not None else "active"
    state = settings.state if own == "active" else own
    if state != "active":
        raise Refusal(REFUSED[state], f"this fake's config says that the account is {state}")
    own_networks = call.account.allowed_networks if call.account is not None else ()
    for networks in (settings.allowed_networks, own_networks):
        if networks and not _is_in(call.request.peer, networks):
            raise Refusal("isv.DENY_IP_RANGE", f"this fake's config allows {', '.join(networks)} only")
    if settings.denied_networks and _is_in(call.request.peer, settings.denied_networks):
        raise Refusal("isv.DENY_IP_RANGE", f"this fake's config denies {', '.join(settings.denied_networks)}")


def _is_in(peer: str, networks: Sequence[str]) -> bool:
    """False for a peer without an address, as one on a Unix socket."""
    from ipaddress import ip_address, ip_network

    try:
        address = ip_address(peer)
    except ValueError:
        return False
    # A socket that takes both versions shows an IPv4 client so.
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in ip_network(network) for network in networks)


def account_id(call: Call) -> str:
    """Whose state it is; all keys that nobody registered (lenient fakes) share one."""
    return call.account.key_id if call.account is not None else "*"


def balance(call: Call, settings: FakeSettings) -> int | None:
    """How many messages the account could pay for at first."""
    own = call.account.balance if call.account is not None else None
    return settings.balance if own is None else own
