"""``data.reason`` of a send that failed, with cause and cure: the class of the error in one word.

Tests hold it against ``gateway.errors`` as they do the codes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """In words for who reads an error."""

    reason: str
    cause: str
    cure: str


REASONS = (
    Reason("invalid_config", "The connector's config cannot work.", "Correct the keys that the message names."),
    Reason("template_not_found", "No template fits the usage type.", "Add one, or one for `Generic`."),
    Reason("recipient_not_allowed", "Not in `live.allow`, and the connector sends for real.", "Add the recipient."),
    Reason("daily_cap", "`live.sends_per_day` is used up.", "Raise it, or wait for tomorrow (UTC)."),
    Reason(
        "credentials_refused",
        "The provider does not know the key, or the signature is wrong.",
        "Check key id and secret; at a fake, the exchange explains it.",
    ),
    Reason(
        "recipient_refused",
        "The provider does not take this number or address.",
        "Send it with its country code; see how it was read (`readAs`).",
    ),
    Reason(
        "content_refused",
        "The provider does not take the signature, the template or its parameters.",
        "Register them, or correct the connector's config; a variable may be missing in `payload`.",
    ),
    Reason(
        "account_refused",
        "The account may not do this: unpaid, suspended, or without the permission.",
        "Settle it with the provider.",
    ),
    Reason("unexpected_type", "A social connector cannot send, another one cannot sign in.", "Name another one."),
    Reason(
        "authorization_failed",
        "The provider or the person refused the sign-in, or its `iss` is another one's.",
        "Begin again; `data.providerCode` has the OAuth error.",
    ),
    Reason("code_invalid", "The provider does not take the code.", "Begin again: a code works once."),
    Reason("access_token_invalid", "The provider does not take the token.", "Begin again."),
    Reason(
        "id_token_invalid",
        "The ID token is not to be believed.",
        "Compare `idTokenVerificationConfig` with the provider's discovery document.",
    ),
    Reason("rate_limited", "Too many messages to this recipient.", "Wait: trying again at once is pointless."),
    Reason("usage_limited", "The account's quota is used up.", "Raise it with the provider."),
    Reason("throttled", "Too many calls at once. Certainly not sent.", "Try again a little later."),
    Reason(
        "unreachable", "No connection came about. Certainly not sent.", "Check name, network and proxy; try again."
    ),
    Reason(
        "timed_out", "The provider did not answer in time.", "Maybe sent: ask the provider before sending again."
    ),
    Reason("connection_lost", "The connection broke before the answer.", "Maybe sent: as above."),
    Reason("provider_failed", "The provider answered with an error of its own (5xx).", "Maybe sent: as above."),
    Reason("invalid_response", "The answer cannot be understood.", "Maybe sent: as above."),
    Reason("interrupted", "The gateway was stopped while it was sending.", "Maybe sent: as above."),
)
