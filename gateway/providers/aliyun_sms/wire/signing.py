"""The two signatures of Aliyun's RPC gateway, from DECODED parameters.

Clients spell the same parameters differently on the wire (space as ``+`` or ``%20``, a literal ``*``), so nothing
here looks at a raw query. Sources: Alibaba Cloud's "V2 request structure and signature" (RPC, HMAC-SHA1), "V3
request structure and signature" (ACS3-HMAC-SHA256), and recorded requests (fixtures/recordings).

Every function takes any text; characters that are no Unicode (a header's raw bytes, as surrogate escapes) go
back to the bytes that they were.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

RPC_METHOD = "HMAC-SHA1"
ACS3_ALGORITHM = "ACS3-HMAC-SHA256"
_PLAIN = re.compile("[A-Za-z0-9_.~-]*")
_ENCODED = [chr(byte) if _PLAIN.fullmatch(chr(byte)) else f"%{byte:02X}" for byte in range(256)].__getitem__
# What every client but a broken one sends; for the others there is ``parse_authorization``.
_AUTHORIZATION = re.compile(r"(ACS3-\S+) Credential=([^,=\s]*), ?SignedHeaders=([^,=\s]*), ?Signature=([0-9a-f]+)")
EMPTY_HASH = hashlib.sha256(b"").hexdigest()

_PIECE = 1 << 16  # bytes
_SHORT = 100  # characters of what is worth remembering


def octets(text: str) -> bytes:
    """The bytes of a text that came over the wire. Never fails."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def percent_encode(text: str) -> str:
    """RFC 3986: everything but ``A-Za-z0-9-_.~`` as ``%XX`` of its UTF-8 bytes, upper-case hex."""
    # Most names and values need nothing, and sign names come again and again.
    if (text.isalnum() and text.isascii()) or _PLAIN.fullmatch(text):
        return text
    return _encoded_short(text) if len(text) <= _SHORT else _encoded(text)


def _encoded(text: str) -> str:
    """Costs half of what urllib's quote() does. In pieces: a single call would hold all other threads."""
    raw = octets(text)
    return "".join(["".join(map(_ENCODED, raw[at : at + _PIECE])) for at in range(0, len(raw), _PIECE)])


_encoded_short = lru_cache(maxsize=1024)(_encoded)


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """``name=value`` joined with ``&``, both encoded, by name in byte order (and by value where a name repeats)."""
    return "&".join([f"{percent_encode(name)}={percent_encode(value)}" for name, value in sorted(pairs)])


def rpc_string_to_sign(method: str, pairs: Iterable[tuple[str, str]]) -> str:
    """RPC v1. ``pairs``: every parameter of query and form body; ``Signature`` itself is left out here."""
    query = canonical_query(pair for pair in pairs if pair[0] != "Signature")
    # The second encoding only ever meets these three: the first left nothing else.
    twice = query.replace("%", "%25").replace("=", "%3D").replace("&", "%26")
    return f"{method}&%2F&{twice}"


def rpc_signature(secret: str, string_to_sign: str) -> str:
    """Base64 of HMAC-SHA1; the key is the secret and an ``&``."""
    return base64.b64encode(hmac.digest(octets(secret + "&"), octets(string_to_sign), "sha1")).decode()


def acs3_canonical_request(
    method: str,
    uri: str,
    query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    signed_headers: str,
    payload_hash: str,
) -> str:
    """ACS3. ``query``: the query's parameters only, never those of a body. ``headers``: by lower-case name, values
    trimmed; a header that is not there counts as empty. ``signed_headers``: the names as sent, ``;`` between."""
    names = signed_headers.split(";")
    lines = "".join(map("%s:%s\n".__mod__, zip(names, map(headers.get, names, repeat("")), strict=False)))
    return f"{method}\n{uri}\n{canonical_query(query)}\n{lines}\n{signed_headers}\n{payload_hash}"


def acs3_string_to_sign(canonical_request: str) -> str:
    return f"{ACS3_ALGORITHM}\n{hashlib.sha256(octets(canonical_request)).hexdigest()}"


def acs3_signature(secret: str, string_to_sign: str) -> str:
    """Lower-case hex of HMAC-SHA256; the key is the secret as it is."""
    mac = _keyed(secret).copy()
    mac.update(octets(string_to_sign))
    return mac.hexdigest()


@lru_cache(maxsize=64)
def _keyed(secret: str) -> hmac.HMAC:
    """To begin with a key costs more than to sign so little with it."""
    return hmac.new(octets(secret), digestmod="sha256")


def payload_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest() if body else EMPTY_HASH


def same(ours: str, theirs: str) -> bool:
    """Whether two signatures are one, in constant time."""
    return hmac.compare_digest(octets(ours), octets(theirs))


class Authorization(NamedTuple):
    """The ``Authorization`` header of ACS3, its parts as sent. A part that is not there is empty."""

    algorithm: str
    key_id: str
    signed_headers: str
    signature: str


def parse_authorization(value: str) -> Authorization | None:
    """``ACS3-HMAC-SHA256 Credential=..,SignedHeaders=..,Signature=..``, blanks after commas allowed; None for any
    other scheme. A part that nobody knows makes the parts empty: what cannot be read cannot be verified."""
    usual = _AUTHORIZATION.fullmatch(value)
    if usual is not None:
        return Authorization(*usual.groups())
    algorithm, _, rest = value.strip(" \t").partition(" ")
    if not algorithm.startswith("ACS3-"):
        return None
    parts: dict[str, str] = {}
    for piece in rest.split(","):
        name, _, part = piece.strip(" \t").partition("=")
        parts[name] = part
    if parts.keys() - {"Credential", "SignedHeaders", "Signature"}:
        parts = {}
    return Authorization(
        algorithm, parts.get("Credential", ""), parts.get("SignedHeaders", ""), parts.get("Signature", "")
    )
