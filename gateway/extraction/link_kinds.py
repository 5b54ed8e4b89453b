"""Tell what a link in a message is for, by the words in its address and the usage type of the message."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal, TypeAlias, get_args
from urllib.parse import parse_qsl, urlsplit

LinkKind: TypeAlias = Literal["sign_in", "verify", "reset", "invite", "other"]

LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)

# In this order: "reset" in /login/reset says more than "login".
_WORDS: dict[LinkKind, str] = {
    "other": """
        unsubscribe optout preferences privacy terms tos imprint legal help support faq docs blog contact
    """,
    "reset": """
        reset resetpassword passwordreset forgot forgotpassword recover recovery newpassword changepassword
        setpassword lostpassword
    """,
    "invite": """
        invite invites invitation invitations join acceptinvite
    """,
    "sign_in": """
        magic magiclink signin login logon onetime onetimetoken passwordless otp sso
    """,
    "verify": """
        verify verification verifyemail confirm confirmation confirmemail activate activation validate
        validation emailchange changeemail signup register registration
    """,
}
_KNOWN = {kind: frozenset(text.split()) for kind, text in _WORDS.items()}
# Parameters whose value says it exactly, as in Supabase's ?type=recovery and Firebase's ?mode=resetPassword.
_TELLING = frozenset({"type", "mode", "action", "purpose", "intent", "flow", "kind"})
_TYPES: dict[str, LinkKind] = {
    "SignIn": "sign_in",
    "Register": "verify",
    "ForgotPassword": "reset",
    "OrganizationInvitation": "invite",
    "UserPermissionValidation": "verify",
    "BindNewIdentifier": "verify",
    "BindMfa": "verify",
    "MfaVerification": "verify",
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[^A-Za-z0-9]+")
# A part of an address that somebody has to have been sent: long, and with both letters and digits.
_TOKEN = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[\w.~%=-]{16,}", re.ASCII)
_LONGEST = 2048


def link_kind(url: str, usage_type: str | None) -> LinkKind:
    """Return what a link is for.

    A parameter such as ``type=recovery`` decides, then the words of the path and the parameters' names. If no word
    is known and the address has a token in it, the usage type of the message decides.
    """
    try:
        parts = urlsplit(url[:_LONGEST])
    except ValueError:  # brackets that hold no IPv6 address
        return "other"
    query = parse_qsl(parts.query) + parse_qsl(parts.fragment.partition("?")[2])
    for name, value in query:
        if name.lower() in _TELLING and (kind := _by_words(value)) is not None:
            return kind
    path = f"{parts.path}/{parts.fragment.partition('?')[0]}"
    kind = _by_words(path) or _by_words(" ".join(name for name, _ in query))
    if kind is not None:
        return kind
    if any(_TOKEN.fullmatch(part) for part in [*path.split("/"), *(value for _, value in query)]):
        return _TYPES.get(usage_type or "", "other")
    return "other"


def _by_words(text: str) -> LinkKind | None:
    words = [word.lower() for word in _BETWEEN.split(_HUMP.sub(" ", text)) if word]
    # "sign-in" and "signIn" are two words, which are looked up as one, too; "one-time-token" is three.
    pairs = ["".join(pair) for pair in pairwise(words)]
    found = {*words, *pairs}
    return next((kind for kind, known in _KNOWN.items() if not known.isdisjoint(found)), None)
