"""Waiting longer than one call may last, and what to tell a person when nothing came."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connector_gateway.errors import CodeTimeout, GatewayError, GatewayUnreachable
from connector_gateway.transport import Document, Transport

LONGEST_CALL = 60.0
"""Seconds: the API's own bound, so that no proxy on the way cuts a call."""

_NOT_ACCEPTED = ("refused", "not_sent")


def take_code(transport: Transport, to: str, asked: Document, timeout: float) -> str:
    """The code of the next message to ``to`` that has one. ``asked`` narrows it down: type, channel, after."""
    __tracebackhide__ = True
    return str(_take(transport, "code", to, {**asked, "code": True}, timeout)["code"])


def take_capture(transport: Transport, to: str, asked: Document, timeout: float) -> Document:
    """The next capture for ``to``, with a code or without."""
    __tracebackhide__ = True
    return _take(transport, "message", to, asked, timeout)


def _take(transport: Transport, what: str, to: str, asked: Document, timeout: float) -> Document:
    __tracebackhide__ = True
    # One token for the whole wait: a call whose answer got lost is made again, and gets what it had taken.
    body = {**asked, "to": to, "consume": secrets.token_hex(8)}
    misses = _NearMisses()
    for seconds in _slices(timeout):
        answer = _wait_once(transport, {**body, "timeout": seconds}, seconds)
        if not answer.get("timedOut"):
            capture: Document = answer["capture"]
            return capture
        misses.add(answer["nearMisses"])
    raise _timed_out(transport, what, to, timeout, asked, misses)


def _wait_once(transport: Transport, body: Document, seconds: float) -> Document:
    try:
        return transport.json("POST", "/api/captures/wait", body=body, wait=seconds)
    except GatewayUnreachable as error:
        if not error.maybe_done:
            raise
    return transport.json("POST", "/api/captures/wait", body=body, wait=seconds)


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
    """What the calls of one wait reported, each thing once, in the order in which it was first seen."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Mapping[str, Any]] = {}

    def add(self, misses: Iterable[Mapping[str, Any]]) -> None:
        for miss in misses:
            names = ("captureId", "exchangeId", "messageId", "at")
            self._found[tuple(miss.get(name) for name in names)] = miss

    def listing(self) -> list[Mapping[str, Any]]:
        return list(self._found.values())


def _timed_out(
    transport: Transport, what: str, to: str, seconds: float, asked: Mapping[str, object], misses: _NearMisses
) -> CodeTimeout:
    """The failure to raise. ``what`` was waited for; ``asked`` is how the wait was narrowed down."""
    narrowed = ", ".join(f"{name} {value}" for name, value in asked.items() if value is not None and name != "code")
    lines = [f"no {what} for {to} within {seconds:g} s" + (f" ({narrowed})" if narrowed else "")]
    found = misses.listing()
    refused = [miss for miss in found if miss["reason"] in _NOT_ACCEPTED]
    foreign = [miss for miss in found if miss["reason"] == "other_recipient"]
    nameless = [miss for miss in found if miss["reason"] == "refused_unaddressed"]
    own = [miss for miss in found if miss not in refused and miss not in foreign and miss not in nameless]
    lines += _section("what did arrive:", own)
    lines += _section("what was refused:", refused)
    if not own and not refused:
        lines.append(_why_nothing(transport))
    lines += _section("what was refused, for whomever it was:", nameless)
    lines += _section("what arrived for others:", foreign)
    return CodeTimeout("\n".join(lines), to, seconds, found)


def _section(title: str, misses: list[Mapping[str, Any]]) -> list[str]:
    return [title, *(f"  {_line(miss)}" for miss in misses)] if misses else []


def _line(miss: Mapping[str, Any]) -> str:
    found = next((miss[name] for name in ("captureId", "exchangeId", "messageId") if miss.get(name)), None)
    at = str(miss.get("at") or "").partition("T")[2].partition(".")[0]
    source = ", ".join(part for part in (at, found) if part)
    return f"{miss['reason']}: {miss['message']}" + (f" ({source})" if source else "")


def _why_nothing(transport: Transport) -> str:
    """Nothing came near: is the gateway still there, and does anything reach it at all?"""
    try:
        exchanges = transport.json("GET", "/api/exchanges", query={"limit": 1})["exchanges"]
    except GatewayUnreachable as error:
        return f"and the gateway has gone since: {error}"
    except GatewayError as error:
        return f"nothing for this recipient; asked what did reach it, the gateway said: {error}"
    if not exchanges:
        return (
            f"nothing at all has reached the gateway, which is up at {transport.url}: is your app pointed at it? "
            "`gateway providers` shows what to paste."
        )
    last = exchanges[0]
    which = " ".join(str(last[name]) for name in ("provider", "operation") if last.get(name))
    return (
        f"nothing for this recipient has reached the gateway, which is up at {transport.url}; "
        f"the last request at a fake was {which or 'not recognised'} ({last.get('id')})"
    )
