"""The log of ``gateway serve`` on stderr: JSON lines, or text for a terminal (docs/watching.md)."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gateway.cli.lines import Lines
from gateway.core.model import iso

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

    from gateway.web.server.log import LogEvent

Format: TypeAlias = Literal["console", "json"]
Level: TypeAlias = Literal["debug", "info", "warning", "error"]


@contextmanager
def logging_to_stderr(form: Format | None, level: Level) -> Iterator[Callable[[LogEvent], None] | None]:
    """Write the log to stderr until the end of the block.

    Yields the function that takes the lines of requests, or None if ``level`` excludes them or there is no stderr.
    What the loggers of the standard library get is written too. If ``form`` is None, a terminal gets text and any
    other reader JSON.
    """
    descriptor, terminal = _stderr()
    if descriptor is None:
        yield None
        return
    if form is None:
        form = "console" if terminal else "json"
    lines = Lines(descriptor, Renderer(form, colors=terminal).render, _dropped)
    number = logging.getLevelNamesMapping()[level.upper()]
    handler, root, ours = _Handler(lines), logging.getLogger(), logging.getLogger("gateway")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(number)
    try:
        yield lines.put if number <= logging.INFO else None
    finally:
        root.removeHandler(handler)
        ours.setLevel(before)
        lines.close()


class Renderer:
    """The text of a line, made by structlog's processors and renderers."""

    def __init__(self, form: Format, *, colors: bool) -> None:
        self._form = form
        self._colors = colors

    def render(self, event: LogEvent) -> str:
        text: Any = event.copy()
        for process in self._processors:
            text = process(None, event["level"], text)
        return str(text)

    @cached_property
    def _processors(self) -> Sequence[Processor]:
        # Imported for the first line, by the thread that writes it: a start does not wait for it.
        import structlog

        if self._form == "json":
            return _utc_time, structlog.processors.JSONRenderer(ensure_ascii=False, separators=(",", ":"))
        console = structlog.dev.ConsoleRenderer(colors=self._colors, pad_event_to=0, sort_keys=False)
        return _local_time, _without_empty, console


def _utc_time(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["at"] = iso(event["at"])
    return event


def _local_time(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Move the time to the key that structlog's console shows first."""
    event["timestamp"] = f"{datetime.fromtimestamp(event.pop('at')).astimezone():%H:%M:%S}"
    return event


def _without_empty(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if value not in (None, [])}


class _Handler(logging.Handler):
    """Passes on what the loggers of the standard library get.

    The gateway's own messages are kept. Those of libraries may hold URLs and phone numbers: of these only the
    logger, the place and the kind of error are kept.
    """

    def __init__(self, lines: Lines[LogEvent]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        event: LogEvent = {"at": record.created, "level": record.levelname.lower()}
        if record.name.partition(".")[0] == "gateway":
            event["event"] = record.getMessage()
            request_id = getattr(record, "request_id", None)
            if request_id is not None:
                event["id"] = request_id
        else:
            kind = record.exc_info[0] if record.exc_info else None
            event["event"] = "a library logged something, which may be personal"
            event["logger"] = record.name
            event["place"] = f"{record.module}:{record.lineno}"
            event["error"] = kind.__name__ if kind else None
        self._lines.put(event)


def _dropped(count: int) -> LogEvent:
    text = "lines were dropped: nobody reads them fast enough"
    return {"at": time.time(), "level": "warning", "event": text, "count": count}


def _stderr() -> tuple[int | None, bool]:
    """Return the descriptor of stderr, or None, and whether it is a terminal."""
    try:
        return sys.stderr.fileno(), sys.stderr.isatty()
    except (AttributeError, OSError, ValueError):  # none, closed, or an object without a descriptor
        return None, False
