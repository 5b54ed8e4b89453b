"""SES v1: the Query protocol, 2010-12-01. A form goes in, XML comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.model import Pairs
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Version
from gateway.providers.aws_ses.fake.v1 import envelope, reading
from gateway.providers.aws_ses.fake.v1.operations import ACTIONS


def _success(call: Call, fields: Mapping[str, Any]) -> tuple[Pairs, bytes]:
    operation = ACTIONS.native.get(call.operation)
    return envelope.success(call, fields, result=operation is None or operation.result)


VERSION = Version("v1", True, ACTIONS.find, reading.read, _success, envelope.error)
