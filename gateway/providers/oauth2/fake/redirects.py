"""Where authorize may answer, and how: query, fragment or form_post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from gateway.core.model import Response
from gateway.providers.oauth2.fake import pages
from gateway.providers.oauth2.fake.call import Call, Reply

# What a header can carry as it is, and a browser reads as it stands.
VISIBLE = re.compile(r"[!-~]+")
# RFC 8252 7.3: the port of a loopback address is chosen when the application starts.
_PORT = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(?=[/?]|$)")
_LOCAL_PORT = re.compile(
    r"(https?://(?:127\.0\.0\.1|\[::1\]|localhost|(?:[a-z0-9-]+\.)+localhost))(?::[0-9]{1,5})?(?=[/?]|$)"
)


def fits(call: Call, registered: str, uri: str, *, local: bool = False) -> bool:
    """Is it that registered one? ``local``: names of this machine count as loopback addresses too."""
    if call.issuer.shape.redirect_queries:
        registered, uri = registered.partition("?")[0], uri.partition("?")[0]
    if uri == registered:
        return True
    if call.broken("redirect_exact") and uri.startswith(registered) and VISIBLE.fullmatch(uri):
        return True
    if call.broken("loopback_port"):
        return False
    port = _LOCAL_PORT if local else _PORT
    without = port.sub(r"\1", registered, count=1)
    return port.match(registered) is not None and port.sub(r"\1", uri, count=1) == without


def respond(call: Call, reply: Reply, fields: Mapping[str, str]) -> Response:
    """An authorization response (RFC 6749 4.1.2, RFC 9207): ``fields``, state and iss."""
    pairs = [(name, value) for name, value in fields.items() if value]
    if reply.state is not None and not call.broken("state_echo"):
        pairs.append(("state", reply.state))
    if not call.broken("iss_parameter"):
        pairs.append(("iss", call.issuer.url or call.url + call.issuer.shape.iss_path))
    mode = reply.mode
    if mode == "form_post":
        return pages.form_post(call, reply.redirect_uri, pairs)
    text = urlencode(pairs, errors="surrogateescape")
    uri = reply.redirect_uri
    if call.broken("redirect_query") and "?" in uri:
        uri = uri.partition("?")[0]
    joint = "#" if mode == "fragment" else "&" if "?" in uri else "?"
    location = f"{uri}{joint}{text}"
    return redirect(call, location)


def redirect(call: Call, location: str) -> Response:
    """RFC 9700 4.12: never 307, which would send a login form on."""
    status = 302
    if call.request.method == "POST":
        status = 307 if call.broken("see_other") else 303
    headers: tuple[tuple[str, str], ...] = (("Location", location),)
    if not call.broken("page_headers"):
        headers += (("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"))
    return Response(status, headers, b"")
