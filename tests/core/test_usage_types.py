"""Names of usage types as people write them."""

from __future__ import annotations

import pytest

from gateway.core.model import UsageType


@pytest.mark.parametrize("usage_type", UsageType)
def test_every_usage_type_is_read_in_any_case(usage_type: UsageType) -> None:
    for text in (usage_type, usage_type.lower(), usage_type.upper(), usage_type.name, usage_type.name.lower()):
        assert UsageType.read(text) is usage_type
    assert UsageType.read(usage_type.name.lower().replace("_", "-")) is usage_type


@pytest.mark.parametrize("text", ["", "Test", "Sign In", "SignIn ", "ſignIn", "SignInn"])
def test_any_other_text_is_no_usage_type(text: str) -> None:
    assert UsageType.read(text) is None
