"""Our own defects, in the log of the process."""

from __future__ import annotations

import logging
import traceback

log = logging.getLogger("gateway")


def log_defect(where: str, error: BaseException, request_id: str | None = None) -> None:
    """Log where it happened, without the exception's text: it may hold a phone number or a code."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    path = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s failed with %s at %s", where, type(error).__name__, path, extra={"request_id": request_id})
