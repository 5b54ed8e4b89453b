"""One HTTP call to a provider: bounded in time and bytes, no redirects followed, no answer's text in an error."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from gateway.core.errors import ConnectionLost, InvalidConfig, InvalidResponse, TimedOut, Unreachable

PROVIDER = "oauth2"
MOST_BYTES = 1 << 20
# RFC 6052 2.1 and RFC 4291 2.5.5.1; RFC 8215.
_CARRY_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")


@dataclass(frozen=True, slots=True)
class Answer:
    """``kind`` is the media type, lower case."""

    status: int
    kind: str
    body: bytes
    retry_after: float | None


class Calls:
    """``private``: loopback and private addresses may be called, as a sandbox's fake is. Otherwise a name in a
    config must not lead into the network that the gateway stands in."""

    def __init__(self, seconds: float, connect_seconds: float, *, private: bool) -> None:
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=connect_seconds)
        self._private = private
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._call("GET", url, headers or {}, None)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        return await self._call("POST", url, headers, form)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _call(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> Answer:
        """Raises Unreachable, TimedOut, ConnectionLost, InvalidResponse, InvalidConfig."""
        if not self._private:
            _check_literal(url)
        try:
            async with self._opened().request(
                method, url, headers={"Accept": "application/json", **headers}, data=form, allow_redirects=False
            ) as answer:
                return await _read(answer)
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _PrivateAddress):
                raise _private() from None
            raise Unreachable("no connection to the provider came about", provider=PROVIDER) from None
        except aiohttp.ConnectionTimeoutError:
            raise Unreachable("the provider's address did not answer in time", provider=PROVIDER) from None
        except TimeoutError:
            raise TimedOut("the provider did not answer in time", provider=PROVIDER) from None
        except aiohttp.ClientResponseError:
            raise InvalidResponse("the provider's answer is no HTTP", provider=PROVIDER) from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError):
            raise ConnectionLost("the connection to the provider broke", provider=PROVIDER) from None
        except ValueError:
            raise InvalidConfig("an endpoint of the connector is no URL that can be called") from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = None if self._private else _PublicResolver()
            connector = aiohttp.TCPConnector(limit=0, resolver=resolver)
            # Answers are bounded in bytes: none that is unpacked first. Cookies would tie people together.
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": "identity", "User-Agent": "connector-gateway"},
            )
        return self._session


async def _read(answer: aiohttp.ClientResponse) -> Answer:
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise InvalidResponse("the provider compressed its answer unasked", provider=PROVIDER)
    body = bytearray()
    while chunk := await answer.content.readany():
        body += chunk
        if len(body) > MOST_BYTES:
            answer.close()
            raise InvalidResponse("the provider's answer is over 1 MiB", provider=PROVIDER)
    after = answer.headers.get("Retry-After", "")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    # More digits than any wait has would be an infinity.
    waits = float(after) if after.isdecimal() and len(after) < 10 else None
    return Answer(answer.status, kind, bytes(body), waits)


class _PrivateAddress(OSError):
    """A name of a live connector leads to an address that it may not call."""


class _PublicResolver(AbstractResolver):
    """Addresses are judged where they are resolved: what is judged is what is called."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(one["host"].partition("%")[0]) for one in found):
            raise _PrivateAddress(f"{host} is no public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    """An address of IPv6 may carry one of IPv4, which a router takes out. Raises ValueError for what is none."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        carries = any(found in network for network in _CARRY_IPV4)
        inner = found.ipv4_mapped or found.sixtofour or (IPv4Address(int(found) & 0xFFFFFFFF) if carries else None)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local or found in _LOCAL_NAT64:
            return False
    return found.is_global and not found.is_multicast


def _check_literal(url: str) -> None:
    """An address in the URL is never resolved. 2130706433 and 0x7f.1 are addresses to the system, too."""
    host = urlsplit(url).hostname or ""
    try:
        public = is_public(host)
    except ValueError:
        public = _ENDS_IN_NUMBER.search(host) is None
    if not public:
        raise _private()


def _private() -> InvalidConfig:
    return InvalidConfig(
        "an endpoint leads to a loopback or private address, which a live connector calls only with "
        "options.allow_private_addresses",
        provider=PROVIDER,
    )
