"""How what was tried has ended, in one word, for whoever counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.errors import ConnectorError, GatewayError

DONE = "done"


@contextmanager
def told(ended: Callable[[str], None]) -> Iterator[None]:
    """``done``; else the reason of the error, the last part of its code where it has none; ``defect`` for what is
    no error of ours, ``interrupted`` where the caller has left."""
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
