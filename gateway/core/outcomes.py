"""The outcome of an attempt, as a metrics label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.errors import ConnectorError, GatewayError

DONE = "done"


@contextmanager
def told(ended: Callable[[str], None]) -> Iterator[None]:
    """Call ``ended`` with the outcome of the block.

    It is ``done``, or for a ``ConnectorError`` its ``reason``, for another ``GatewayError`` the last part of its
    ``code``, ``defect`` for any other exception, and ``interrupted`` if the block was cancelled.
    """
    try:
        yield
    except GatewayError as error:
        ended(error.reason if isinstance(error, ConnectorError) else error.code.rpartition(".")[2])
        raise
    except Exception:
        ended("defect")
        raise
    except BaseException:
        ended("interrupted")
        raise
    ended(DONE)
