"""Which providers there are."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from gateway.core.errors import ConfigError
from gateway.providers import registry
from tests.support import toy


def _offer(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    def found(*, group: str) -> list[Any]:
        assert group == "gateway.providers"
        return list(points)

    monkeypatch.setattr(registry, "entry_points", found)


def test_our_own_providers_are_there_under_their_names() -> None:
    for name, provider in registry.load_providers().items():
        assert provider.name == name
        assert provider.factories


def test_a_package_can_offer_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    _offer(monkeypatch, EntryPoint("toy", "tests.support.toy:provider", registry.GROUP))
    found = registry.load_providers()
    assert found["toy"] is toy.provider
    assert "aliyun-sms" in found


def test_two_packages_with_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("toy", "tests.support.toy:provider", registry.GROUP)
    _offer(monkeypatch, point, point)
    with pytest.raises(ConfigError, match="provider toy: two packages offer it; uninstall one"):
        registry.load_providers()


def test_nobody_takes_the_name_of_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    _offer(monkeypatch, EntryPoint("aliyun-sms", "tests.support.toy:provider", registry.GROUP))
    with pytest.raises(ConfigError, match="provider aliyun-sms: two packages offer it"):
        registry.load_providers()


@pytest.mark.parametrize("value", ["no.such.module:provider", "tests.support.toy:no_such_name"])
def test_an_entry_point_that_cannot_be_loaded_is_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    _offer(monkeypatch, EntryPoint("broken", value, registry.GROUP))
    with pytest.raises(ConfigError) as caught:
        registry.load_providers()
    assert caught.value.message.startswith("provider broken: cannot be loaded (")
    assert "\n" not in caught.value.message


def test_an_entry_point_that_is_no_provider_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _offer(monkeypatch, EntryPoint("broken", "tests.support.toy:FACTORY", registry.GROUP))
    with pytest.raises(ConfigError, match="provider broken"):
        registry.load_providers()


def test_a_provider_under_another_name_than_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is its URL and its key everywhere: two would be found under neither."""
    _offer(monkeypatch, EntryPoint("alias", "tests.support.toy:provider", registry.GROUP))
    with pytest.raises(ConfigError, match="provider alias"):
        registry.load_providers()


def test_a_factory_is_found_with_its_provider() -> None:
    providers = {"toy": toy.provider}
    assert registry.factory(providers, toy.FACTORY) == (
        toy.provider,
        toy.provider.factories[toy.FACTORY],
    )
    assert registry.factory(providers, "nobody") is None
