"""The log of ``gateway serve``, on stderr: for people on a terminal, else JSON lines (docs/watching.md)."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal, TypeAlias

from gateway.cli.lines import Lines
from gateway.core.model import Document, iso
from gateway.web.server.request_log import Line, fields, json_text

Format: TypeAlias = Literal["console", "json"]
Level: TypeAlias = Literal["debug", "info", "warning", "error"]

# Anything else that is logged: real time, level, fields.
_Said: TypeAlias = tuple[float, str, Document]


@contextmanager
def logging_to_stderr(form: Format | None, level: Level) -> Iterator[Callable[[Line], None] | None]:
    """Takes the lines of requests, where ``level`` lets them through; and what is logged with ``logging`` goes the
    same way, until the end of the block. ``form``: by stderr itself if None."""
    descriptor, terminal = _stderr()
    if descriptor is None:
        yield None
        return
    if form is None:
        form = "console" if terminal else "json"
    lines: Lines[Line | _Said] = Lines(
        descriptor, _as_json if form == "json" else _for_people(colors=terminal), _lost
    )
    number = logging.getLevelNamesMapping()[level.upper()]
    handler, root, ours = _Bridge(lines), logging.getLogger(), logging.getLogger("gateway")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(number)
    try:
        yield lines.put if number <= logging.INFO else None
    finally:
        root.removeHandler(handler)
        ours.setLevel(before)
        lines.close()


class _Bridge(logging.Handler):
    """Our own modules log with the standard library. So do others, whose texts hold URLs and numbers: of these only
    the place and the kind of error are told."""

    def __init__(self, lines: Lines[Line | _Said]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.put((record.created, record.levelname.lower(), _fields(record)))


def _fields(record: logging.LogRecord) -> Document:
    if record.name.partition(".")[0] == "gateway":
        request_id = getattr(record, "request_id", None)
        return {"event": record.getMessage(), **({"id": request_id} if request_id is not None else {})}
    kind = record.exc_info[0] if record.exc_info else None
    return {
        "event": "a library logged something, which may be personal",
        "logger": record.name,
        "place": f"{record.module}:{record.lineno}",
        "error": kind.__name__ if kind else None,
    }


def _lost(count: int) -> _Said:
    return time.time(), "warning", {"event": "lines were dropped: nobody reads them fast enough", "count": count}


def _as_json(line: Line | _Said) -> str:
    if len(line) == 5:
        return json_text(line)
    at, level, found = line
    return json.dumps({"at": iso(at), "level": level, **found}, ensure_ascii=False, separators=(",", ":"))


def _for_people(*, colors: bool) -> Callable[[Line | _Said], str]:
    import structlog

    show = structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=0, sort_keys=False)

    def render(line: Line | _Said) -> str:
        at, level, found = (line[0], "info", fields(line)) if len(line) == 5 else line
        when = f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S}"
        known = {key: value for key, value in found.items() if value not in (None, [])}
        return str(show(None, level, {"timestamp": when, "level": level, **known}))

    return render


def _stderr() -> tuple[int | None, bool]:
    """Its descriptor, and whether it is a terminal."""
    try:
        return sys.stderr.fileno(), sys.stderr.isatty()
    except (AttributeError, OSError, ValueError):  # none, closed, or something that only writes
        return None, False
