"""Social sign-in: start it, check the state when the browser comes back, get the profile.

A state works once and for ten minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode, urlsplit, urlunsplit

from gateway.core.clock import Clock
from gateway.core.errors import ConnectorError, InvalidRequest, TimedOut, UnexpectedType
from gateway.core.model import Document
from gateway.core.outcomes import report_outcome
from gateway.delivery.driver_pool import Drivers
from gateway.providers.ports import Connector
from gateway.providers.social import SessionNotFound, SignedIn, SocialDriver, TokenAnswer
from gateway.storage.ports import Store

PREFIX = "sign_ins/"
LIFE_SECONDS = 600.0
TICKET_SECONDS = 60.0
BUDGET_SECONDS = 15.0
_MOST_KEPT = 10_000
_SWEEP_SECONDS = 60.0

# Visible ASCII, without the backslash, which browsers read as a slash. An app's own scheme is a reversed domain
# name and may have one slash only (RFC 8252 7.1).
_URI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|[A-Za-z][A-Za-z0-9+-]*\.[A-Za-z0-9+.-]+:/)(?!.*\\)[!-~]+")
_NEVER = frozenset({"javascript", "data", "vbscript", "file", "blob"})

Reach: TypeAlias = Callable[[Connector], tuple[str | None, str | None]]
Step: TypeAlias = Literal["start", "finish", "refresh"]


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that has begun.

    ``uri`` is where the browser goes next. ``cookie`` (name and value) ties the sign-in to this browser.
    """

    uri: str
    cookie: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Landed:
    """A browser that came back: it goes to ``return_to``, or it is shown who has signed in if that is None."""

    return_to: str | None
    signed_in: SignedIn | None = None


class SignIn:
    """Signs people in through social connectors.

    ``reach`` returns the ``host:port`` of the connector's fake and the URL at which browsers reach it, or None
    twice if the connector is live. It is called at the first use, when the port is known. ``on_end`` is called
    with the outcome of each step, as a metrics label. Lifetimes follow the gateway's clock. Besides the errors
    that a method names, it raises ``errors.ConnectorError``.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        reach: Reach,
        on_end: Callable[[Connector, Step, str], None] = lambda _connector, _step, _outcome: None,
    ) -> None:
        self._store = store
        self._records = store.records
        self._clock = clock
        self._reach = reach
        self._on_end = on_end
        self._drivers: Drivers[SocialDriver] = Drivers(self._made)
        self._swept = clock.real()
        self._since = 0

    async def begin(self, connector: Connector, state: str, redirect_uri: str, scope: str | None) -> str:
        """Begin a sign-in and return the URL for the browser. Raises InvalidRequest.

        If a sign-in with the same state has begun, this one replaces it.
        """
        with self._reported(connector, "start"):
            return await self._begin("app", connector, state, redirect_uri, scope, {})

    async def finish(self, connector: Connector, callback: Mapping[str, str]) -> SignedIn:
        """Return who has signed in. ``callback`` has the parameters with which the browser came back. Raises
        SessionNotFound."""
        with self._reported(connector, "finish"):
            kept = await self._take("app", connector, callback["state"])
            return await self._profile(connector, callback, kept["session"])

    async def refresh(self, connector: Connector, refresh_token: str) -> TokenAnswer:
        with self._reported(connector, "refresh"):
            async with self._drivers.use(connector) as driver, _budget():
                return await driver.refresh(refresh_token)

    async def start(
        self, connector: Connector, redirect_uri: str, return_to: str | None, scope: str | None
    ) -> Started:
        """Begin a sign-in for an app without a callback of its own. Raises InvalidRequest if ``return_to`` is not
        allowed."""
        state, browser = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        own = {"browser": _digest(browser), "returnTo": return_to}
        with self._reported(connector, "start"):
            if return_to is not None:
                _check_return_to(connector, return_to)
            uri = await self._begin("browser", connector, state, redirect_uri, scope, own)
        return Started(uri, (cookie_name(state), browser))

    async def land(self, connector: Connector, callback: Mapping[str, str], browser: str | None) -> Landed:
        """Finish a sign-in of ``start``. ``browser`` is the value of the cookie. Raises SessionNotFound.

        If the browser goes back to an app, the URL has a ticket, or the code of the error.
        """
        return_to: str | None = None
        try:
            with self._reported(connector, "finish"):
                kept = await self._take("browser", connector, callback["state"])
                if browser is None or not secrets.compare_digest(_digest(browser), kept["browser"]):
                    raise SessionNotFound("state: another browser has begun this sign-in; begin again")
                return_to = kept["returnTo"]
                found = await self._profile(connector, callback, kept["session"])
        except ConnectorError as error:
            if return_to is None:
                raise
            return Landed(_with(return_to, {"error": error.code}))
        if return_to is None:
            return Landed(None, found)
        ticket = secrets.token_urlsafe(24)
        await self._keep(_key("ticket", connector, ticket), {"document": document(found)}, TICKET_SECONDS)
        return Landed(_with(return_to, {"ticket": ticket}))

    async def redeem(self, connector: Connector, ticket: str) -> Document:
        """Return the result of the sign-in behind a ticket, as after ``finish``. Raises SessionNotFound."""
        found: Document = (await self._take("ticket", connector, ticket))["document"]
        return found

    async def forget(self) -> int:
        """Delete all sign-ins that have begun and all tickets, and return how many there were."""
        keys = [key for key, _ in await self._records.scan(PREFIX)]
        async with self._store.batch() as batch:
            for key in keys:
                batch.delete(key)
        return len(keys)

    async def discard_driver(self, connector_id: str) -> None:
        """Close the driver of a removed connector."""
        await self._drivers.discard(connector_id)

    async def close(self) -> None:
        await self._drivers.close()

    def _reported(self, connector: Connector, step: Step) -> AbstractContextManager[None]:
        return report_outcome(lambda outcome: self._on_end(connector, step, outcome))

    def _made(self, connector: Connector) -> SocialDriver:
        make = connector.factory.social
        if make is None:
            raise UnexpectedType(f"{connector.id} is no social connector: it sends messages, and signs nobody in")
        return make(connector.settings, *self._reach(connector))

    async def _begin(
        self, kind: str, connector: Connector, state: str, redirect_uri: str, scope: str | None, more: Document
    ) -> str:
        if (
            not _URI.fullmatch(redirect_uri)
            or urlsplit(redirect_uri).scheme.lower() in _NEVER
            or "#" in redirect_uri
        ):
            raise InvalidRequest(
                "redirectUri: must be an absolute URI without a fragment", data={"field": "redirectUri"}
            )
        async with self._drivers.use(connector) as driver, _budget():
            uri, session = await driver.authorization_uri(state, redirect_uri, scope)
        await self._keep(_key(kind, connector, state), {"session": session, **more}, LIFE_SECONDS)
        return uri

    async def _profile(self, connector: Connector, callback: Mapping[str, str], session: Document) -> SignedIn:
        async with self._drivers.use(connector) as driver, _budget():
            return await driver.profile(callback, session)

    async def _keep(self, key: str, value: Document, seconds: float) -> None:
        await self._sweep()
        await self._records.put(key, {**value, "expiresAt": self._clock.now() + seconds})

    async def _take(self, kind: str, connector: Connector, name: str) -> Document:
        key = _key(kind, connector, name)
        record = await self._records.get(key)
        # If several requests have the same state, one of them deletes the record.
        if record is None or not await self._records.delete(key) or record.value["expiresAt"] <= self._clock.now():
            word = "ticket" if kind == "ticket" else "state"
            raise SessionNotFound(f"{word}: is unknown, was used already, or is too old; begin again")
        return record.value

    async def _sweep(self) -> None:
        """Delete sign-ins that have expired: most of those that are left unfinished are never asked for again."""
        self._since += 1
        if self._clock.real() < self._swept + _SWEEP_SECONDS and self._since < _MOST_KEPT // 10:
            return
        self._swept, self._since = self._clock.real(), 0
        kept = sorted((record.value["expiresAt"], key) for key, record in await self._records.scan(PREFIX))
        now, too_many = self._clock.now(), len(kept) - _MOST_KEPT
        for at, (expires, key) in enumerate(kept):
            if expires > now and at >= too_many:
                return
            await self._records.delete(key)


def document(found: SignedIn) -> Document:
    """Return the result of a sign-in as the API shows it."""
    return {**found.profile.document(), "tokenResponse": found.tokens.document()}


def cookie_name(state: str) -> str:
    """Return the name of the cookie for a state: a browser may have begun several sign-ins."""
    return f"gateway-sign-in-{_digest(state)[:16]}"


def _key(kind: str, connector: Connector, name: str) -> str:
    return f"{PREFIX}{kind}/{connector.id}/{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _with(uri: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(uri)
    query = "&".join(part for part in (parts.query, urlencode(more)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _check_return_to(connector: Connector, uri: str) -> None:
    """Allow the exact URIs in ``options.return_to``, and in a sandbox any loopback URL. Raises InvalidRequest."""
    allowed: Any = connector.options.get("return_to") or ()
    if uri in allowed or (not connector.live and _is_loopback(uri)):
        return
    raise InvalidRequest(
        "returnTo: must be one of options.return_to, in full; in a sandbox a loopback URL will do",
        data={"field": "returnTo"},
    )


def _is_loopback(uri: str) -> bool:
    if not _URI.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        name = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@asynccontextmanager
async def _budget() -> AsyncIterator[None]:
    """Enforce the total time budget. Raises TimedOut if the driver exceeds it."""
    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            yield
    except TimeoutError:
        raise TimedOut("the provider did not answer in time") from None
