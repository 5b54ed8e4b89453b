"""Aliyun's days and dates: UTC+8."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))


def local(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC).astimezone(SHANGHAI)


def day_of(epoch: float) -> str:
    """``20261121``."""
    return local(epoch).strftime("%Y%m%d")


def written(epoch: float) -> str:
    """``2026-11-21 18:20:30``."""
    return f"{local(epoch):%Y-%m-%d %H:%M:%S}"


def is_day(text: str) -> bool:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return False
    try:
        datetime.strptime(text, "%Y%m%d").replace(tzinfo=SHANGHAI)
    except ValueError:
        return False
    return True
