"""What one fake knows and how strict it is. Made once by ``config.read``; nothing here changes but the nonces and
whose turn it is to count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gateway.providers.aliyun_sms.fake.ledger import Ledger
from gateway.providers.aliyun_sms.fake.nonces import NonceMemory
from gateway.providers.aliyun_sms.fake.templates import Template
from gateway.providers.aliyun_sms.wire.errors import ERRORS, ErrorRow, row_of

Check: TypeAlias = Literal["version", "action", "access_key", "timestamp", "signature", "nonce"]
Echo: TypeAlias = Literal["both", "string_to_sign", "canonical_request"]
Windows: TypeAlias = Literal["natural", "rolling"]
LimitedNumber: TypeAlias = Literal["whole_call", "that_number"]
ReviewMode: TypeAlias = Literal["at_once", "delayed", "manual"]
State: TypeAlias = Literal[
    "active",
    "no_balance",
    "out_of_service",
    "unsubscribed",
    "product_unsubscribed",
    "not_exists",
    "abnormal",
    "frozen",
    "permission_denied",
    "key_disabled",
]

CHECK_ORDER: tuple[Check, ...] = ("version", "action", "access_key", "timestamp", "signature", "nonce")


@dataclass(frozen=True, slots=True)
class Account:
    """An access key. With a ``security_token`` it is a temporary (STS) one, and requests must bear the token.
    ``balance``: how many messages it can pay for, None for any number. ``allowed_networks``: where it may send
    from; empty: from anywhere."""

    key_id: str
    secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    state: State = "active"
    balance: int | None = None
    allowed_networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """The connector that uses a template code; no usage type where it uses one code for several."""

    connector_id: str
    usage_type: str | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages mainland numbers get, None: any. Defaults: Alibaba Cloud's documents 44335 and 2881383.

    Verification codes per account, signature and number; ``number_per_day`` those to one number over everybody;
    ``other_per_day`` notifications and promotions per account, signature, template and number. ``account_per_day``
    and ``account_per_month`` are caps of a whole account. ``exempt``: numbers (E.164) without limits. ``windows``:
    a natural minute or hour begins on the clock's (UTC+8); a day is always 24 rolling hours. ``limited_number``:
    what happens to a call with several numbers, one of which is over its limit.
    """

    verification_per_minute: int | None = 1
    verification_per_hour: int | None = 5
    verification_per_day: int | None = 10
    number_per_day: int | None = 40
    other_per_day: int | None = 50
    account_per_day: int | None = None
    account_per_month: int | None = None
    exempt: frozenset[str] = frozenset()
    windows: Windows = "natural"
    limited_number: LimitedNumber = "whole_call"


@dataclass(frozen=True, slots=True)
class Guesses:
    """What nobody documents and nobody could observe: switches, each with the likelier answer as its default.

    ``check_order``: the order of the gateway's checks. ``acs3_echo``: what ``server string to sign is:`` shows to
    an ACS3 client. ``number_values_accepted``: may values of TemplateParam be JSON numbers (strict fakes).
    ``waiting_err_code``: ErrCode of QuerySendDetails before the receipt. ``lost_err_code``: that of a message which
    never arrived. ``foreign_number_code``: what a number abroad gets with a template for the mainland.
    ``bracket_code``: what 【 or 】 in a variable gets. ``code_length_code``: what a verification code of other
    than 4 to 6 characters gets. ``most_parameters``: how many keys TemplateParam may have. ``recommend``: the URL
    in errors, with ``{code}`` and ``{request_id}``.
    """

    check_order: tuple[Check, ...] = CHECK_ORDER
    acs3_echo: Echo = "both"
    number_values_accepted: bool = False
    waiting_err_code: str = ""
    lost_err_code: str = "MOBILE_NOT_ON_SERVICE"
    foreign_number_code: str = "isv.MOBILE_NUMBER_ILLEGAL"
    bracket_code: str = "isv.TEMPLATE_PARAMS_ILLEGAL"
    code_length_code: str = "isv.PARAM_LENGTH_LIMIT"
    most_parameters: int = 100
    recommend: str = "https://api.aliyun.com/troubleshoot?q={code}&product=Dysmsapi&requestId={request_id}"


@dataclass(frozen=True, slots=True)
class Registry:
    """What is registered without an application, and how applications are reviewed.

    ``verification_signatures`` send verification codes only. A test signature and a test template belong together,
    and go to ``bound_numbers`` (E.164) only. ``review_seconds`` is on the gateway's clock.
    """

    verification_signatures: frozenset[str] = frozenset()
    forbidden_signatures: frozenset[str] = frozenset()
    refused_names: frozenset[str] = frozenset()
    test_signatures: frozenset[str] = frozenset()
    test_templates: frozenset[str] = frozenset()
    bound_numbers: frozenset[str] = frozenset()
    review: ReviewMode = "at_once"
    review_seconds: float = 7200.0
    applications_per_day: int | None = 100
    signs_per_day: int | None = None
    templates_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class FakeSettings:
    """``receipt_delay`` is in seconds of the gateway's clock, ``freshness`` in real seconds. ``errors``: the rows
    of the table, with the messages and statuses that the config gives them. ``state`` and ``balance`` are those of
    accounts that have none of their own. ``blacklist``: numbers (E.164). ``allowed_networks``: where one may
    send from, such as ``10.0.0.0/8``, empty for anywhere; ``denied_networks``: where nobody may. ``bad_receipts``:
    the ErrCode of each number (E.164) that reports failure. ``warnings``: what somebody should know of these
    settings, though they work. ``connector_templates``: in a strict fake, a template for each code that a connector
    names and ``templates`` lacks; a template that an account applied for under that code comes first."""

    strict: bool = False
    accounts: Mapping[str, Account] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    connector_templates: Mapping[str, Template] = field(default_factory=dict)
    signatures: frozenset[str] = frozenset()
    owners: Mapping[str, Owner] = field(default_factory=dict)
    receipt_delay: float = 2.0
    freshness: float = 900.0
    errors: Mapping[str, ErrorRow] = field(default_factory=dict)
    guesses: Guesses = Guesses()
    registry: Registry = Registry()
    limits: Limits | None = None
    state: State = "active"
    balance: int | None = None
    blacklist: frozenset[str] = frozenset()
    forbidden_words: tuple[str, ...] = ()
    allowed_networks: tuple[str, ...] = ()
    denied_networks: tuple[str, ...] = ()
    bad_receipts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    nonces: NonceMemory = field(default_factory=lambda: NonceMemory(100_000))
    ledger: Ledger = field(default_factory=Ledger)

    def row(self, code: str) -> ErrorRow:
        return self.errors.get(code) or ERRORS.get(code) or row_of(code)
