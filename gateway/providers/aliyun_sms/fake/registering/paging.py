"""What the lists of signatures and templates have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.draft import read_json
from gateway.providers.aliyun_sms.fake.registering.applications import Application


def page(
    call: Call, name: str, rows: Sequence[Application], shown: Callable[[Application], dict[str, Any]]
) -> dict[str, Any]:
    """The answer: the page that was asked for, ten rows of the first by default."""
    index, size = int(call.params.get("PageIndex") or 1), int(call.params.get("PageSize") or 10)
    return {
        "TotalCount": len(rows),
        "CurrentPage": index,
        "PageSize": size,
        name: [shown(one) for one in rows[(index - 1) * size : index * size]],
    }


def urls(call: Call) -> list[str]:
    """MoreData: a JSON list, as the SDKs write it."""
    sent = call.params.get("MoreData", "")
    return [str(one) for one in read_json(sent, list, "MoreData is a JSON array")] if sent else []
