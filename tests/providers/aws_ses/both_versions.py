"""Both versions of SES in front of one account and region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.providers.aws_ses.served_fake import Served


@dataclass
class Both:
    server: Served
    v1: Any
    v2: Any
