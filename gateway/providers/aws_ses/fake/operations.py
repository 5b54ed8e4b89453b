"""The names of all operations that this fake knows, native or not."""

from __future__ import annotations

from gateway.providers.aws_ses.fake.v2.operations import NAMES as V2_NAMES

NAMES = V2_NAMES
