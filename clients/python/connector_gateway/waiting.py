"""Wait for a message over several calls of the API, and explain a wait in which nothing came."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from connector_gateway.errors import CodeTimeout, GatewayError, GatewayUnreachable
from connector_gateway.transport import Document, Transport

__tracebackhide__ = True

What: TypeAlias = Literal["code", "message", "link"]

LONGEST_CALL = 60.0
"""Seconds: the API's own bound, so that no proxy on the way cuts a call."""

_NOT_ACCEPTED = ("refused", "not_sent")

_INSTEAD: Mapping[tuple[What, What], str] = {
    ("message", "code"): "its code is `.code` of the message which that call returned",
    ("message", "message"): "keep the message which that call returned",
    ("message", "link"): "its links are `.links` of the message which that call returned",
    ("code", "code"): "keep the code which that call returned",
    ("code", "message"): "`captures(to)[0]` is the whole message",
    ("code", "link"): "`captures(to)[0].links` are its links",
    ("link", "code"): "`captures(to)[0].code` is its code",
    ("link", "message"): "`captures(to)[0]` is the whole message",
    ("link", "link"): "keep the link which that call returned, or see `captures(to)[0].links`",
}
"""What to use instead, by the call that returned the newest message and the call that waited in vain."""


@dataclass(frozen=True, slots=True)
class Read:
    """How far a recipient's messages were read: up to a cursor, by which call, and where that call stands."""

    cursor: int
    capture_id: str
    call: What
    where: str | None


@dataclass
class Positions:
    """The reading position of each recipient. ``message``, ``code`` and ``link`` move it."""

    _reads: dict[str, Read] = field(default_factory=dict)

    def of(self, to: str) -> Read | None:
        """The position of a recipient; None if none of its messages was read."""
        return self._reads.get(_key(to))

    def move(self, to: str, capture: Document, call: What, where: str | None) -> None:
        """Move the position to this capture, unless it is further already."""
        read = Read(int(capture["cursor"]), str(capture["id"]), call, where)
        for name in {_key(to), _key(capture["readAs"])}:
            known = self._reads.get(name)
            if known is None or known.cursor < read.cursor:
                self._reads[name] = read

    def forget(self, to: str) -> None:
        """Begin anew: what is kept of that recipient was not read."""
        self._reads.pop(_key(to), None)


@dataclass(frozen=True, slots=True)
class Waiter:
    """The waits of one Gateway. ``app_settings`` is how to point an app at this server; ``where`` the line of the
    test that waits, if the stack does not tell."""

    transport: Transport
    positions: Positions
    app_settings: str
    where: str | None = None

    def take(self, what: What, to: str, wanted: Document, timeout: float) -> Document:
        """Return the next capture for ``to``, and move its reading position.

        Without ``after`` in ``wanted`` it is the newest one beyond the reading position. A wait for a code takes
        the capture, so that its code counts as used. Raises CodeTimeout after ``timeout`` seconds.
        """
        where = self.where or calling_line()
        body = {**wanted, "to": to}
        if what == "code":
            # One token for the whole wait: a call whose answer got lost is made again, and gets what it had taken.
            body |= {"code": True, "consume": secrets.token_hex(8)}
        read = self.positions.of(to)
        if wanted.get("after") is None and read is not None:
            body |= {"after": read.cursor, "newest": True}
        misses = _NearMisses()
        capture = self._wait(body, timeout, misses)
        if capture is None:
            raise self._timed_out(what, to, timeout, wanted, misses)
        self.positions.move(to, capture, what, where)
        return capture

    def look(self, to: str, wanted: Document, timeout: float) -> Document | None:
        """The newest capture beyond the reading position, which stays where it is; None if none comes."""
        read = self.positions.of(to)
        body = {**wanted, "to": to}
        if read is not None:
            body |= {"after": read.cursor, "newest": True}
        return self._wait(body, timeout, _NearMisses())

    def _wait(self, body: Document, timeout: float, misses: _NearMisses) -> Document | None:
        for seconds in _slices(timeout):
            answer = self._wait_once({**body, "timeout": seconds}, seconds, gone_is_fine="newest" in body)
            if answer is None:
                # Messages since the reading position are gone, so that what is kept is all newer than it.
                self.positions.forget(body["to"])
                body = {name: value for name, value in body.items() if name not in ("after", "newest")}
                answer = self._wait_once({**body, "timeout": seconds}, seconds) or {}
            if not answer.get("timedOut"):
                capture: Document = answer["capture"]
                return capture
            misses.add(answer["nearMisses"])
        return None

    def _wait_once(self, body: Document, seconds: float, *, gone_is_fine: bool = False) -> Document | None:
        """One call; made again if its answer got lost. ``gone_is_fine``: None if the cursor is too old."""
        for last in (False, True):
            try:
                return self.transport.json("POST", "/api/captures/wait", body=body, wait=seconds)
            except GatewayUnreachable as error:
                if last or not error.maybe_done:
                    raise
            except GatewayError as error:
                if not (gone_is_fine and error.code == "cursor.gone"):
                    raise
                return None
        return None

    def _timed_out(
        self, what: What, to: str, seconds: float, wanted: Mapping[str, object], misses: _NearMisses
    ) -> CodeTimeout:
        """The failure to raise. ``what`` was waited for; ``wanted`` is how the wait was narrowed down."""
        narrowed = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
        lines = [f"no {what} for {to} within {seconds:g} s" + (f" ({narrowed})" if narrowed else "")]
        found = misses.listing()
        refused = [miss for miss in found if miss["reason"] in _NOT_ACCEPTED]
        foreign = [miss for miss in found if miss["reason"] == "other_recipient"]
        nameless = [miss for miss in found if miss["reason"] == "refused_unaddressed"]
        own = [miss for miss in found if miss not in refused and miss not in foreign and miss not in nameless]
        lines += self._already_read(what, to, own)
        lines += _section("what did arrive:", own)
        lines += _section("what was refused:", refused)
        if not own and not refused:
            lines.append(self._why_nothing(to))
        lines += _section("what was refused, for whomever it was:", nameless)
        lines += _section("what arrived for others:", foreign)
        return CodeTimeout("\n".join(lines), to, seconds, found)

    def _already_read(self, what: What, to: str, own: list[Mapping[str, Any]]) -> list[str]:
        read = self.positions.of(to)
        if read is None or read.capture_id not in {miss.get("captureId") for miss in own[:1]}:
            return []
        at = f" at {read.where}" if read.where else ""
        before = f"{read.call}(){at} has returned the newest message already ({read.capture_id})"
        return [f"{before}: {_INSTEAD[read.call, what]}, or send another"]

    def _why_nothing(self, to: str) -> str:
        """Nothing came near: is the gateway still there, and does anything of that channel reach it at all?"""
        channel = "email" if "@" in to else "sms"
        try:
            exchanges = [
                one
                for provider in self.transport.json("GET", "/api/providers")["providers"]
                if channel in provider["channels"]
                for one in self._last_exchange(provider["name"])
            ]
        except GatewayUnreachable as error:
            return f"and the gateway has gone since: {error}"
        except GatewayError as error:
            return f"nothing for this recipient; asked what did reach it, the gateway said: {error}"
        kind = "mail" if channel == "email" else "SMS"
        if not exchanges:
            return (
                f"no request to send {kind} has reached the gateway, which is up at {self.transport.url}: "
                f"is your app pointed at it? {self.app_settings}"
            )
        last = max(exchanges, key=lambda one: int(one["cursor"]))
        which = " ".join(str(last[name]) for name in ("provider", "operation") if last.get(name))
        return (
            f"nothing for this recipient has reached the gateway, which is up at {self.transport.url}; "
            f"the last request to send {kind} was {which or 'not recognised'} ({last.get('id')})"
        )

    def _last_exchange(self, provider: str) -> list[Document]:
        query = {"limit": 1, "provider": provider}
        return list(self.transport.json("GET", "/api/exchanges", query=query)["exchanges"])


def refuse_in_task(call: str) -> None:
    """Raise RuntimeError if the current code runs inside an asyncio task, whose loop a blocking wait would stop.

    A running loop alone is no reason: Playwright's sync API marks one as running for the whole session.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return
    if task is not None:
        raise RuntimeError(
            f"gateway.{call}() would block the event loop in which this code runs. "
            f"Use `await agateway.{call}(...)`: the fixture `agateway`, or AsyncGateway."
        )


def calling_line() -> str | None:
    """``file:line`` of the code that called the kit; None if that is asyncio or a thread."""
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads every source file
    while frame.f_back is not None and _package(frame.f_globals) == __package__:
        frame = frame.f_back
    if _package(frame.f_globals) in ("asyncio", "threading", "concurrent", __package__):
        return None
    return f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}"


def _package(names: Mapping[str, Any]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]


def _key(to: str) -> str:
    return to.strip().lower().removeprefix("+")


def _slices(timeout: float) -> Iterator[float]:
    """The calls that make up a wait of so many seconds: at least one."""
    if not timeout >= 0:
        raise ValueError(f"timeout: must be 0 or more seconds, not {timeout}")
    left = float(timeout)
    while left > LONGEST_CALL:
        yield LONGEST_CALL
        left -= LONGEST_CALL
    yield left


class _NearMisses:
    """What the calls of one wait reported, each thing once, in the order in which it was first reported."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Mapping[str, Any]] = {}

    def add(self, misses: Iterable[Mapping[str, Any]]) -> None:
        for miss in misses:
            names = ("captureId", "exchangeId", "messageId", "at")
            self._found[tuple(miss.get(name) for name in names)] = miss

    def listing(self) -> list[Mapping[str, Any]]:
        return list(self._found.values())


def _section(title: str, misses: list[Mapping[str, Any]]) -> list[str]:
    return [title, *(f"  {_line(miss)}" for miss in misses)] if misses else []


def _line(miss: Mapping[str, Any]) -> str:
    found = next((miss[name] for name in ("captureId", "exchangeId", "messageId") if miss.get(name)), None)
    at = str(miss.get("at") or "").partition("T")[2].partition(".")[0]
    source = ", ".join(part for part in (at, found) if part)
    return f"{miss['reason']}: {miss['message']}" + (f" ({source})" if source else "")
