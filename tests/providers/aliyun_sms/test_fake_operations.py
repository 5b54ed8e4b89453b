"""The table of operations against the models of the official SDKs, which hold every field of every operation."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from gateway.providers.aliyun_sms.fake.operations import GLOBE, OPERATIONS, SMS
from gateway.providers.aliyun_sms.fake.plan import Operation

ROWS = list(OPERATIONS.values())
_EVERYWHERE = {"OwnerId", "ResourceOwnerAccount", "ResourceOwnerId"}
_COMMON = {SMS: {"RequestId", "Code", "Message"}, GLOBE: {"RequestId", "ResponseCode", "ResponseDescription"}}
_DIGITAL_ONLY = {"VendorAuditStatus"}


def names(row: Operation, part: str) -> set[str]:
    """The wire names of a model: each attribute set to something, then written."""
    package = "alibabacloud_dysmsapi20170525" if row.version == SMS else "alibabacloud_dysmsapi20180501"
    model: Any = getattr(importlib.import_module(f"{package}.models"), f"{row.action}{part}")()
    for attribute in vars(model):
        setattr(model, attribute, Anything())
    return set(model.to_map())


class Anything(list[Any]):
    def to_map(self) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.action)
def test_an_operation_has_the_parameters_of_the_sdk(row: Operation) -> None:
    assert {one.name.partition(".")[0] for one in row.parameters} == names(row, "Request") - _EVERYWHERE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.action)
def test_an_answer_has_the_fields_that_the_sdk_reads(row: Operation) -> None:
    assert set(row.answer) == names(row, "ResponseBody") - _COMMON[row.version] - _DIGITAL_ONLY


def test_all_of_them_are_there() -> None:
    assert len(ROWS) == 24
