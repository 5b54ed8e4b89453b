"""AWS Signature Version 4, the verifier's half: what a request says of its signature, and what it should have been.

Both forms: the ``Authorization`` header and the presigned query. Sources: AWS's "Signature Version 4 signing
process" and its test suite; texts as AWS is seen to send them. Pure; takes any text, also a header's raw bytes
(as surrogate escapes).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
UNSIGNED = "UNSIGNED-PAYLOAD"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
SIGNATURE_PARAMETER = "X-Amz-Signature"

# What every client but a broken one sends; for the others there is the slow way.
_USUAL = re.compile(rf"{ALGORITHM} Credential=([^,=\s]+), ?SignedHeaders=([^,=\s]+), ?Signature=([^,=\s]+)")
_BLANKS = re.compile("[ \t]+")
_SHORT = 300  # characters of a path worth remembering
_QUERY_PARTS = ("Algorithm", "Credential", "Signature", "SignedHeaders", "Date")


class Malformed(Exception):
    """What came is no complete signature. ``message`` is AWS's text."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Scope(NamedTuple):
    """The credential scope after the key id, as sent."""

    date: str
    region: str
    service: str
    terminator: str


class Claim(NamedTuple):
    """What a request says of its signature, as sent. ``expires``: seconds that a presigned one holds, None for the
    header form."""

    key_id: str
    scope: Scope
    signed_headers: str
    signature: str
    timestamp: str
    token: str
    expires: int | None = None


def octets(text: str) -> bytes:
    """The bytes of a text that came over the wire. Never fails."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def from_header(headers: Mapping[str, str]) -> Claim:
    """The ``Authorization`` header. ``headers``: by lower-case name, trimmed. Raises Malformed."""
    value = headers["authorization"]
    timestamp = headers.get("x-amz-date") or headers.get("date", "")
    usual = _USUAL.fullmatch(value)
    if usual is None or not timestamp:
        credential, signed_headers, signature = _parts(value, dated=bool(timestamp))
    else:
        credential, signed_headers, signature = usual.groups()
    key_id, scope = _credential(credential)
    return Claim(key_id, scope, signed_headers, signature, timestamp, headers.get("x-amz-security-token", ""))


def from_query(params: Mapping[str, str]) -> Claim:
    """The presigned form: ``X-Amz-*`` of the decoded query. Raises Malformed."""
    absent = [name for name in _QUERY_PARTS if not params.get(f"X-Amz-{name}")]
    if absent:
        texts = [f"AWS query-string parameters must include 'X-Amz-{name}'. " for name in absent]
        raise Malformed(
            f"{''.join(texts)}Re-examine the query-string parameters.",
            f"add X-Amz-{absent[0]} to the query, or sign in the Authorization header",
        )
    if params["X-Amz-Algorithm"] != ALGORITHM:
        raise _algorithm(params["X-Amz-Algorithm"])
    sent = params.get("X-Amz-Expires", "")
    if sent and not (sent.isascii() and sent.isdigit() and len(sent) < 10 and 1 <= int(sent) <= 604_800):
        raise Malformed(
            "X-Amz-Expires must be a number between 1 and 604800",
            "X-Amz-Expires is in seconds, a week at most",
        )
    key_id, scope = _credential(params["X-Amz-Credential"])
    return Claim(
        key_id,
        scope,
        params["X-Amz-SignedHeaders"],
        params[SIGNATURE_PARAMETER],
        params["X-Amz-Date"],
        params.get("X-Amz-Security-Token", ""),
        int(sent) if sent else 604_800,
    )


def canonical_request(
    method: str, uri: str, query: str, headers: Mapping[str, str], signed_headers: str, payload_hash: str
) -> str:
    """``uri`` and ``query`` are canonical already. ``headers``: by lower-case name, trimmed; one that is not there
    counts as empty. ``signed_headers``: the names as sent, ``;`` between."""
    lines = "".join([f"{name}:{folded(headers.get(name, ''))}\n" for name in signed_headers.split(";")])
    return f"{method}\n{uri}\n{query}\n{lines}\n{signed_headers}\n{payload_hash}"


def folded(value: str) -> str:
    """Runs of blanks are one blank."""
    return _BLANKS.sub(" ", value) if "  " in value or "\t" in value else value


def canonical_uri(path: str, encoded_twice: bool = True) -> str:
    """The path as it is on the wire, without dot segments and repeated slashes, percent-encoded once more: SES is
    not S3, which encodes once."""
    if path in ("/", ""):
        return "/"
    if len(path) <= _SHORT:
        return _uri_short(path, encoded_twice)
    return _uri(path, encoded_twice)


def _uri(path: str, encoded_twice: bool) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    plain = f"/{'/'.join(kept)}{'/' if kept and path.endswith('/') else ''}"
    return quote(octets(plain), safe="/~") if encoded_twice else plain


_uri_short = lru_cache(maxsize=1024)(_uri)


def canonical_query(raw: str, without: str = SIGNATURE_PARAMETER) -> str:
    """The query as it is on the wire: names and values encoded one way, sorted, the signature itself left out."""
    if not raw:
        return ""
    pairs = []
    for piece in raw.split("&"):
        name, _, value = piece.partition("=")
        plain = _encoded(name)
        if piece and plain != without:
            pairs.append((plain, _encoded(value)))
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs])


def _encoded(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    return quote(unquote_to_bytes(octets(text.replace("+", " "))), safe="-_.~")


def payload_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest() if body else EMPTY_HASH


def string_to_sign(timestamp: str, scope: Scope, canonical: str) -> str:
    hashed = hashlib.sha256(octets(canonical)).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{'/'.join(scope)}\n{hashed}"


@lru_cache(maxsize=64)
def signing_key(secret: str, date: str, region: str, service: str) -> hmac.HMAC:
    """The key of one day, region and service, begun with: to begin costs more than to sign so little."""
    key = octets(f"AWS4{secret}")
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, octets(part), "sha256")
    return hmac.new(key, digestmod="sha256")


def signature(secret: str, scope: Scope, text: str) -> str:
    """Lower-case hex. ``text``: the string to sign."""
    mac = signing_key(secret, scope.date, scope.region, scope.service).copy()
    mac.update(octets(text))
    return mac.hexdigest()


def same(ours: str, theirs: str) -> bool:
    """Whether two signatures are one, in constant time."""
    return hmac.compare_digest(octets(ours), octets(theirs))


def folded_headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By lower-case name, trimmed; the values of a repeated header joined with a comma, in the order sent."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        trimmed = value.strip(" \t")
        found[key] = f"{found[key]},{trimmed}" if key in found else trimmed
    return found


# --- what is incomplete -------------------------------------------------------------------------------------


def _parts(value: str, dated: bool) -> tuple[str, str, str]:
    """Credential, SignedHeaders and Signature of an unusual header."""
    algorithm, _, rest = value.partition(" ")
    aws4 = algorithm.startswith("AWS4-")
    found: dict[str, str] = {}
    for piece in (rest if aws4 else value.partition(" ")[2]).split(","):
        name, equals, part = piece.strip(" \t").partition("=")
        if name and not equals:
            raise Malformed(
                "Invalid key=value pair (missing equal-sign) in Authorization header "
                f"(hashed with SHA-256 and encoded with Base64): '{_blurred(piece.strip())}'.",
                f"the header is {ALGORITHM} Credential=..., SignedHeaders=..., Signature=...",
            )
        found[name] = part
    if aws4 and algorithm != ALGORITHM:
        raise _algorithm(algorithm)
    absent = [name for name in ("Credential", "Signature", "SignedHeaders") if not (aws4 and found.get(name))]
    texts = [f"Authorization header requires '{name}' parameter. " for name in absent]
    if not dated:
        texts.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
    if texts:
        raise Malformed(
            f"{''.join(texts)}(Hashed with SHA-256 and encoded with Base64) Authorization={_blurred(value)}",
            f"add {absent[0]} to the Authorization header" if absent else "send the header X-Amz-Date",
        )
    return found["Credential"], found["SignedHeaders"], found["Signature"]


def _credential(credential: str) -> tuple[str, Scope]:
    elements = credential.split("/")
    if len(elements) != 5:
        raise Malformed(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential}'",
            "Credential is <key id>/<yyyymmdd>/<region>/ses/aws4_request",
        )
    return elements[0], Scope(*elements[1:])


def _algorithm(sent: str) -> Malformed:
    return Malformed(f"Unsupported AWS 'algorithm': '{sent}'.", f"sign with {ALGORITHM}")


def _blurred(text: str) -> str:
    return base64.b64encode(hashlib.sha256(octets(text)).digest()).decode()
