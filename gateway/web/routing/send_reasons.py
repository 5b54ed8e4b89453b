"""``data.reason`` of a send that failed, with cause and cure: the class of the error in one word.

Tests hold it against ``gateway.core.errors`` as they do the codes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """In words for who reads an error. ``fallback``: whether a connector that stands in is tried, ``Yes`` or ``No``
    as ``errors.ConnectorError.fallback`` has it, and why."""

    reason: str
    cause: str
    cure: str
    fallback: str


_LIMIT = "No: the limit protects the recipient, and another way would get around it."
_OURS = "No: it is a guard of ours against sending, and holds for every connector."
_MAYBE = "No: it may arrive twice."
_SOCIAL = "No: nothing is sent in a sign-in."

REASONS = (
    Reason(
        "invalid_config",
        "The connector's config cannot work.",
        "Correct the keys that the message names.",
        "Yes: another connector has another config.",
    ),
    Reason(
        "template_not_found",
        "No template fits the usage type.",
        "Add one, or one for `Generic`.",
        "Yes: another connector has templates of its own.",
    ),
    Reason(
        "recipient_not_allowed",
        "Not in `live.allow`, and the connector sends for real.",
        "Add the recipient.",
        _OURS,
    ),
    Reason("daily_cap", "`live.sends_per_day` is used up.", "Raise it, or wait for tomorrow (UTC).", _OURS),
    Reason(
        "credentials_refused",
        "The provider does not know the key, or the signature is wrong.",
        "Check key id and secret; at a fake, the exchange explains it.",
        "Yes: another connector has another key.",
    ),
    Reason(
        "recipient_refused",
        "The provider does not take this number or address.",
        "Send it with its country code; see how it was read (`readAs`).",
        "No: another provider would not take it either.",
    ),
    Reason(
        "content_refused",
        "The provider does not take the signature, the template or its parameters.",
        "Register them, or correct the connector's config; a variable may be missing in `payload`.",
        "No: what is wrong with a message is wrong everywhere, and should be seen.",
    ),
    Reason(
        "account_refused",
        "The account may not do this: unpaid, suspended, or without the permission.",
        "Settle it with the provider.",
        "Yes: another connector has another account.",
    ),
    Reason(
        "unexpected_type",
        "A social connector cannot send, another one cannot sign in.",
        "Name another one.",
        _SOCIAL,
    ),
    Reason(
        "authorization_failed",
        "The provider or the person refused the sign-in, or its `iss` is another one's.",
        "Begin again; `data.providerCode` has the OAuth error.",
        _SOCIAL,
    ),
    Reason("code_invalid", "The provider does not take the code.", "Begin again: a code works once.", _SOCIAL),
    Reason("access_token_invalid", "The provider does not take the token.", "Begin again.", _SOCIAL),
    Reason(
        "id_token_invalid",
        "The ID token is not to be believed.",
        "Compare `idTokenVerificationConfig` with the provider's discovery document.",
        _SOCIAL,
    ),
    Reason(
        "rate_limited", "Too many messages to this recipient.", "Wait: trying again at once is pointless.", _LIMIT
    ),
    Reason(
        "usage_limited",
        "The account's quota is used up.",
        "Raise it with the provider.",
        "Yes: another account has a quota of its own.",
    ),
    Reason(
        "throttled",
        "Too many calls at once. Certainly not sent.",
        "Try again a little later.",
        "Yes: another provider may have room.",
    ),
    Reason(
        "unreachable",
        "No connection came about. Certainly not sent.",
        "Check name, network and proxy; try again.",
        "Yes: another provider is at another address.",
    ),
    Reason(
        "timed_out",
        "The provider did not answer in time.",
        "Maybe sent: ask the provider before sending again.",
        _MAYBE,
    ),
    Reason("connection_lost", "The connection broke before the answer.", "Maybe sent: as above.", _MAYBE),
    Reason(
        "provider_failed",
        "The provider answered with an error of its own (5xx).",
        "Maybe sent: as above.",
        _MAYBE,
    ),
    Reason("invalid_response", "The answer cannot be understood.", "Maybe sent: as above.", _MAYBE),
    Reason("interrupted", "The gateway was stopped while it was sending.", "Maybe sent: as above.", _MAYBE),
)
