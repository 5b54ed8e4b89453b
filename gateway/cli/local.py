"""What commands work with that need no running gateway: the templates and a connector, as the config has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.exits import WrongUse
from gateway.errors import ConfigError, InvalidConfig
from gateway.model import Channel

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.ports import Connector
    from gateway.rendering import Renderer
    from gateway.rendering.phone import Sender


def config(file: Path | None, templates: Path | None) -> Config:
    """``templates``: from the command line, so relative to where we are."""
    from gateway.config import load_config

    overrides: dict[str, Any] = {} if templates is None else {"templates": str(templates.absolute())}
    try:
        return load_config(file, overrides)
    except ConfigError as wrong:
        raise WrongUse(wrong.message) from wrong


def connector(found: Config, connector_id: str | None, channel: Channel) -> Connector | None:
    """The one of that id, else the default of the channel: the config's, or the first. None: there is none."""
    from gateway import registry
    from gateway.connectors import build

    try:
        providers = registry.load_providers()
        made = [
            build(providers, one.id, one.factory, one.config or {}, one.options) for one in found.connectors or ()
        ]
    except (ConfigError, InvalidConfig) as wrong:
        raise WrongUse(wrong.message) from wrong
    if connector_id is None:
        connector_id = found.defaults.get(channel.value)
    fitting = [one for one in made if one.factory.channel is channel]
    if connector_id is None:
        return fitting[0] if fitting else None
    chosen = next((one for one in fitting if one.id == connector_id), None)
    if chosen is None:
        known = ", ".join(one.id for one in fitting) or "none"
        raise WrongUse(f"--connector: no connector {connector_id} sends {channel}; there are: {known}")
    return chosen


def renderer(found: Config) -> Renderer:
    """As the gateway itself has it: the config's folder over the built-in one."""
    from gateway import resources
    from gateway.rendering import Renderer

    folders = [found.templates] if found.templates is not None else []
    return Renderer([*folders, resources.folder("templates")])


def sender(one: Connector | None) -> Sender:
    from gateway.rendering.phone import Sender

    return Sender("") if one is None else Sender.of(one.provider, one.config)
