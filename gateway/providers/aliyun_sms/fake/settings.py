"""What one fake knows and how strict it is. Made once by ``config.read``; nothing here changes but the nonces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gateway.providers.aliyun_sms.fake.nonces import NonceMemory
from gateway.providers.aliyun_sms.fake.templates import Template
from gateway.providers.aliyun_sms.wire.errors import ERRORS, ErrorRow, row_of

Check: TypeAlias = Literal["version", "action", "access_key", "timestamp", "signature", "nonce"]
Echo: TypeAlias = Literal["both", "string_to_sign", "canonical_request"]

CHECK_ORDER: tuple[Check, ...] = ("version", "action", "access_key", "timestamp", "signature", "nonce")


@dataclass(frozen=True, slots=True)
class Account:
    """An access key. With a ``security_token`` it is a temporary (STS) one, and requests must bear the token."""

    key_id: str
    secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Owner:
    """The connector that uses a template code; no usage type where it uses one code for several."""

    connector_id: str
    usage_type: str | None


@dataclass(frozen=True, slots=True)
class Guesses:
    """What nobody documents and nobody could observe: switches, each with the likelier answer as its default.

    ``check_order``: the order of the gateway's checks. ``acs3_echo``: what ``server string to sign is:`` shows to
    an ACS3 client. ``number_values_accepted``: may values of TemplateParam be JSON numbers (strict fakes).
    ``waiting_err_code``: ErrCode of QuerySendDetails before the receipt. ``foreign_number_code``: what a number
    abroad gets with a template for the mainland. ``recommend``: the URL in errors, with ``{code}`` and
    ``{request_id}``.
    """

    check_order: tuple[Check, ...] = CHECK_ORDER
    acs3_echo: Echo = "both"
    number_values_accepted: bool = False
    waiting_err_code: str = ""
    foreign_number_code: str = "isv.MOBILE_NUMBER_ILLEGAL"
    recommend: str = "https://api.aliyun.com/troubleshoot?q={code}&product=Dysmsapi&requestId={request_id}"


@dataclass(frozen=True, slots=True)
class FakeSettings:
    """``receipt_delay`` is in seconds of the gateway's clock, ``freshness`` in real seconds. ``errors``: the rows
    of the table, with the messages and statuses that the config gives them."""

    strict: bool = False
    accounts: Mapping[str, Account] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    signatures: frozenset[str] = frozenset()
    owners: Mapping[str, Owner] = field(default_factory=dict)
    receipt_delay: float = 2.0
    freshness: float = 900.0
    errors: Mapping[str, ErrorRow] = field(default_factory=dict)
    guesses: Guesses = Guesses()
    nonces: NonceMemory = field(default_factory=lambda: NonceMemory(100_000))

    def row(self, code: str) -> ErrorRow:
        return self.errors.get(code) or ERRORS.get(code) or row_of(code)
