"""The version of the installed package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def version() -> str:
    """As pyproject.toml has it; ``unknown`` where the source runs without being installed."""
    try:
        return installed("connector-gateway")
    except PackageNotFoundError:
        return "unknown"
