"""One request, decoded once: parameters, headers, scheme, format. Decoding never fails; it notes the problem."""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Literal, TypeAlias, get_args

from gateway.core.model import Recipient, Request
from gateway.faults.rules import Effect
from gateway.providers.aliyun_sms.fake.settings import Account
from gateway.providers.aliyun_sms.wire.envelope import Format
from gateway.providers.aliyun_sms.wire.numbers import MOST_NUMBERS, addressed, numbers, recipient
from gateway.providers.aliyun_sms.wire.signing import Authorization, octets, parse_authorization

Scheme: TypeAlias = Literal["ACS3", "RPC"]

# No operation has more than a few dozen; a body of 4 MiB could hold millions and stall everybody.
_MOST_PAIRS = 4096
_SHORT = 300
_UUID = "%s-%s-4%s-A%s-%s"
_PARTS = itemgetter(slice(8), slice(8, 12), slice(13, 16), slice(17, 20), slice(20, 32))
FORM = "application/x-www-form-urlencoded"
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_RPC_NAMES = ("Action", "Version", "Timestamp", "SignatureNonce")
_ACS3_NAMES = ("x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce")
_RPC_MARKS = frozenset({"AccessKeyId", "Signature", "SignatureMethod", "SignatureNonce", "SignatureVersion"})


class Refusal(Exception):
    """A request that gets an error: ``code`` of the table; ``message`` where the table's will not do; ``words``
    for the places in the table's message; ``hint`` tells a person what would be right and is never sent."""

    def __init__(
        self,
        code: str,
        hint: str,
        *,
        message: str | None = None,
        words: Mapping[str, str] | None = None,
        explanation: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint
        self.message = message
        self.words = words or {}
        self.explanation = dict(explanation or {})


@dataclass(slots=True)
class Call:
    """A decoded request and what the checks find out about it.

    ``query``, ``form``: every pair, decoded, in the order sent. ``params``: both together by name; where a name
    repeats, the first counts (the query before the body), while all are signed. ``effect``: what a fault rule does
    to it where it is accepted. ``registered_only`` is the context's. ``headers``: by lower-case name,
    trimmed; repeated ones sorted and joined with a comma, as ACS3 signs them. What was not sent is empty.
    """

    request: Request
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    params: dict[str, str]
    headers: dict[str, str]
    authorization: Authorization | None
    scheme: Scheme
    format: Format
    problem: Refusal | None
    action: str
    version: str
    key_id: str
    timestamp: str
    nonce: str
    signature: str
    request_id: str
    trace_id: str
    account: Account | None = None
    canonical_request: str = ""
    string_to_sign: str = ""
    verdict: str = "absent"
    effect: Effect | None = None
    registered_only: bool = False
    _recipients: tuple[Recipient, ...] | None = None

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Whom the request is about, also where it is refused before anybody looked at the numbers: the first
        thousand of them, and no call with more is accepted."""
        if self._recipients is None:
            sent = self.params.get("PhoneNumbers") or self.params.get("PhoneNumber")
            found = numbers(sent)[:MOST_NUMBERS] if sent else addressed(self.params)
            self._recipients = tuple([recipient(one) for one in found])
        return self._recipients

    @property
    def own_path(self) -> str:
        """The path below our mount point."""
        return self.path.removeprefix(self.request.prefix) if self.request.prefix else self.path

    @property
    def unread_body(self) -> str | None:
        """The content type of a body that is no form, and therefore holds no parameters."""
        if not self.request.body or self.form or _is_form(self.headers):
            return None
        return self.headers.get("content-type", "") or "not given"


def decode(request: Request) -> Call:
    """Read the request. ``problem`` is the first thing that cannot be read."""
    path, _, raw_query = _origin_form(request.target).partition("?")
    headers = request.by_name
    if len(headers) != len(request.headers):
        headers = _with_repeated(request.headers)
    broken: list[str] = []
    query = _pairs(raw_query, broken)
    body = request.body
    form = _pairs(body.decode("utf-8", "surrogateescape"), broken) if body and _is_form(headers) else []
    params = dict(reversed(query + form if form else query))
    authorization = parse_authorization(headers.get("authorization", ""))
    scheme: Scheme = "RPC"
    if authorization or ("x-acs-action" in headers and _RPC_MARKS.isdisjoint(params)):
        scheme = "ACS3"
    form_of_answer, problem = _format(params, headers, scheme)
    if broken:
        problem = Refusal(
            f"Invalid{broken[0]}" if broken[0].isascii() and broken[0].isalnum() else "InvalidParameter",
            f"{broken[0]!r} is not percent-encoded UTF-8: a %, a + or a & in a value must be escaped",
        )
    if max(len(query), len(form)) > _MOST_PAIRS:
        problem = Refusal("InvalidParameter", f"a request has at most {_MOST_PAIRS} parameters")
    acs3 = scheme == "ACS3"
    source, names = (headers, _ACS3_NAMES) if acs3 else (params, _RPC_NAMES)
    action, version, timestamp, nonce = [source.get(name, "") for name in names]
    signed = authorization or Authorization("", "", "", "")
    return Call(
        request,
        path,
        query,
        form,
        params,
        headers,
        authorization,
        scheme,
        form_of_answer,
        problem,
        action,
        version,
        signed.key_id if acs3 else params.get("AccessKeyId", ""),
        timestamp,
        nonce,
        signed.signature if acs3 else params.get("Signature", ""),
        _UUID % _PARTS(f"{random.getrandbits(128):032X}"),
        f"{random.getrandbits(128):032x}",
    )


def _origin_form(target: str) -> str:
    """Path and query; a client that reaches us as its proxy sends the whole URL."""
    if target.startswith("/"):
        return target
    scheme, separator, rest = target.partition("://")
    if not separator or not scheme.isalpha():
        return target
    start = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    tail = rest[start:]
    return tail if tail.startswith("/") else f"/{tail}"


def _with_repeated(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for name, value in pairs:
        key = name.lower()
        trimmed = value.strip(" \t")
        if key in found:
            repeated.setdefault(key, [found[key]]).append(trimmed)
        else:
            found[key] = trimmed
    for key, values in repeated.items():
        found[key] = ",".join(sorted(values))
    return found


def _is_form(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").partition(";")[0].rstrip().lower() == FORM


def _pairs(raw: str, broken: list[str]) -> list[tuple[str, str]]:
    """Every ``name=value``; what cannot be decoded is decoded as well as it goes and its name noted."""
    pairs = []
    # A rest that is left over is decoded with the last one; ``decode`` refuses such a request.
    for piece in raw.split("&", _MOST_PAIRS):
        if not piece:
            continue
        name, _, value = piece.partition("=")
        # Most names and values stand for themselves.
        if not (name.isalnum() and name.isascii()):
            name, fine = _plain(name)
            if not fine:
                broken.append(name)
        if not (value.isalnum() and value.isascii()):
            value, fine = _plain_short(value) if len(value) <= _SHORT else _plain(value)
            if not fine:
                broken.append(name)
        pairs.append((name, value))
    return pairs


def _plain(text: str) -> tuple[str, bool]:
    if "+" in text:
        text = text.replace("+", " ")
    if text.isascii():
        if "%" not in text:
            return text, True
        if "\\" not in text:
            # As if they were Python's own escapes: nothing else decodes them in one go.
            with contextlib.suppress(UnicodeDecodeError):
                octets_of = text.replace("%", "\\x").encode().decode("unicode_escape").encode("latin-1")
                return octets_of.decode(), True
    # As urllib's unquote_to_bytes(), which holds all other threads while it joins a long text.
    raw = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), octets(text))
    try:
        return raw.decode(), _BROKEN_ESCAPE.search(text) is None
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace"), False


# Sign names come again and again, a few dozen escapes each.
_plain_short = lru_cache(maxsize=1024)(_plain)


def _format(params: Mapping[str, str], headers: Mapping[str, str], scheme: Scheme) -> tuple[Format, Refusal | None]:
    """RPC answers XML unless it is asked for JSON, ACS3 the other way round."""
    default: Format = "XML" if scheme == "RPC" or "xml" in headers.get("accept", "").lower() else "JSON"
    asked = params.get("Format", "").upper()
    if not asked:
        return default, None
    for known in get_args(Format):
        if asked == known:
            return known, None
    return default, Refusal("InvalidParameter.Format", "Format is JSON or XML")
