"""A constant sample payload for each usage type, as Logto would send it: what previews fill templates with."""

from __future__ import annotations

import json
from typing import Any

from gateway.core import data_files
from gateway.core.model import UsageType


def sample(usage_type: UsageType) -> dict[str, Any]:
    """fixtures/payloads/<UsageType>.json."""
    path = data_files.folder("fixtures") / "payloads" / f"{usage_type}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def has_code(usage_type: UsageType) -> bool:
    """Does Logto send a code with it? An invitation has a link."""
    return usage_type is not UsageType.ORGANIZATION_INVITATION
