"""SES v1: the Query protocol, 2010-12-01. A form goes in, XML comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.model import Pairs
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Operation, Version


def _find(_: Call) -> Operation | None:
    return None


def _read(_: Call, _operation: Operation) -> None:
    """Nothing yet."""


def _success(_: Call, _fields: Mapping[str, Any]) -> tuple[Pairs, bytes]:
    return (), b""


def _error(_: Call, code: str, _status: int, message: str) -> tuple[Pairs, bytes]:
    return (("Content-Type", "text/xml"),), f"<{code}>{message}</{code}>".encode()


VERSION = Version("v1", True, _find, _read, _success, _error)
