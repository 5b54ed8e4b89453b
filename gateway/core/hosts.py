"""Host names and origins, as they stand in headers, URLs and settings. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

# Aliyun's SDK writes an endpoint that is given as a URL into ``Host`` as it is. Browsers never send that.
_HOST = re.compile(r"(?:https?://)?(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]*)?(?:/.*)?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=256)
def host_name(host: str) -> str:
    """Return the name or address in a ``Host`` header, in lower case, without port, brackets and trailing dot.

    The header may be a URL. The name is empty if the header is malformed.
    """
    match = _HOST.fullmatch(host.strip().lower())
    return match[1] or plain_name(match[2]) if match else ""


def plain_name(name: str) -> str:
    """Return a host name in lower case, without a trailing dot."""
    return name.lower().rstrip(".")


@lru_cache(maxsize=256)
def is_local(name: str) -> bool:
    """Return whether a host name cannot belong to another site: no DNS rebinding leads from there to this server.

    Such names are IP addresses, ``localhost``, names without a dot (a Compose service), and Docker's own.
    """
    if name == "host.docker.internal" or name.endswith(".localhost"):
        return True
    try:
        return bool(ip_address(name))
    except ValueError:
        return name != "" and "." not in name and ":" not in name


@lru_cache(maxsize=256)
def normal_origin(url: str) -> str | None:
    """Return the origin of a URL (RFC 6454) in lower case and without a default port. None if it has none."""
    try:
        parts = urlsplit(url)
        scheme, name, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _DEFAULT_PORTS or not name or "@" in parts.netloc:
        return None
    host = f"[{name}]" if ":" in name else name
    return f"{scheme}://{host}" if port in {None, _DEFAULT_PORTS[scheme]} else f"{scheme}://{host}:{port}"
