"""The gateway's clock: what code lifetimes, limits and receipts are measured with. Tests move it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector_gateway.transport import Document, Transport

__tracebackhide__ = True


class Clock:
    """The clock of one gateway. There is one per server: a server started as shared refuses to have it moved
    (GatewayError, 409). Jobs that became due have run when a call returns."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._moved = False

    @property
    def now(self) -> datetime:
        """The gateway's time, in UTC."""
        return _now(self._transport.json("GET", "/api/clock"))

    @property
    def next_job(self) -> datetime | None:
        """When the next thing that waits for the clock is due, a message that comes late say; None: there is
        none."""
        due = self._transport.json("GET", "/api/clock")["jobs"]["nextAt"]
        return datetime.fromisoformat(due) if due else None

    @property
    def offset(self) -> timedelta:
        """How far the gateway's time is from the real one."""
        return timedelta(seconds=self._transport.json("GET", "/api/clock")["offsetSeconds"])

    def advance(
        self,
        by: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        """Let time pass, and return the new time. ``by`` and the keywords add up; they must come to more than
        nothing (ValueError)."""
        step = (by or timedelta()) + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step <= timedelta():
            raise ValueError("the clock only advances: say by how much, as advance(minutes=11)")
        return self._move({"advance": step.total_seconds()})

    def set(self, moment: datetime | str) -> datetime:
        """Make it that moment; time runs on from there. It may be ISO 8601 text, as ``2026-12-24T18:00:00Z``, and
        must have a time zone (ValueError)."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if moment.tzinfo is None:
            raise ValueError(
                "the moment needs a time zone, as datetime(2026, 12, 24, tzinfo=UTC) or 2026-12-24T00:00:00Z"
            )
        return self._move({"set": moment.astimezone(UTC).isoformat().replace("+00:00", "Z")})

    def freeze(self) -> datetime:
        """Stop time until it is advanced, set or unfrozen."""
        return self._move({"freeze": True})

    def unfreeze(self) -> datetime:
        """Let time run on from where it stands."""
        return self._move({"freeze": False})

    def reset(self) -> datetime:
        """Back to the real time, running."""
        now = _now(self._transport.json("POST", "/api/clock", body={"reset": True}))
        self._moved = False
        return now

    def undo(self) -> None:
        """Reset it if it was moved through this object."""
        if self._moved:
            self.reset()

    def _move(self, body: Document) -> datetime:
        now = _now(self._transport.json("POST", "/api/clock", body=body))
        self._moved = True
        return now


def _now(document: Document) -> datetime:
    return datetime.fromisoformat(document["now"])
