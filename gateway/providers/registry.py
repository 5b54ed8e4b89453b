"""Which providers there are: ours by name, others by the entry point group ``gateway.providers``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points

from gateway.core.errors import ConfigError
from gateway.providers.ports import ConnectorFactory, Provider

_OURS = {
    "aliyun-sms": "gateway.providers.aliyun_sms:provider",
    "aws-ses": "gateway.providers.aws_ses:provider",
    "oauth2": "gateway.providers.oauth2:provider",
}
GROUP = "gateway.providers"


def load_providers() -> dict[str, Provider]:
    """All of them by name. Raises ConfigError for an entry point that cannot be loaded or takes a taken name."""
    found = {name: _load(path) for name, path in _OURS.items()}
    for point in entry_points(group=GROUP):
        if point.name in found:
            raise ConfigError(f"provider {point.name}: two packages offer it; uninstall one")
        try:
            loaded = point.load()
        except Exception as error:
            raise ConfigError(f"provider {point.name}: cannot be loaded ({type(error).__name__})") from error
        if not isinstance(loaded, Provider) or loaded.name != point.name:
            raise ConfigError(f"provider {point.name}: its entry point gives no Provider of that name")
        found[point.name] = loaded
    return found


def factory(providers: Mapping[str, Provider], factory_id: str) -> tuple[Provider, ConnectorFactory] | None:
    """The provider that has Logto's factory id, and the factory."""
    for provider in providers.values():
        if factory_id in provider.factories:
            return provider, provider.factories[factory_id]
    return None


def _load(path: str) -> Provider:
    module, _, name = path.partition(":")
    found: Provider = getattr(import_module(module), name)
    return found
