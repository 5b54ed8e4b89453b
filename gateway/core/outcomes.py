"""The outcome of an operation in one word, as a label of metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.errors import ConnectorError, GatewayError

DONE = "done"


@contextmanager
def report_outcome(report: Callable[[str], None]) -> Iterator[None]:
    """Call ``report`` once with the outcome of the block. An exception of the block is raised on.

    It is ``done``, or for a ``ConnectorError`` its ``reason``, for another ``GatewayError`` the last part of its
    ``code``, ``defect`` for any other exception, and ``interrupted`` if the block was cancelled.
    """
    try:
        yield
    except GatewayError as error:
        report(error.reason if isinstance(error, ConnectorError) else error.code.rpartition(".")[2])
        raise
    except Exception:
        report("defect")
        raise
    except BaseException:
        report("interrupted")
        raise
    report(DONE)
