"""Templates and connectors of a config file, for commands that need no running gateway."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.exits import BadConfig, WrongUse
from gateway.core.errors import ConfigError
from gateway.core.model import Channel

if TYPE_CHECKING:
    from gateway.config.loading import Loaded
    from gateway.providers.ports import Connector
    from gateway.rendering import Renderer
    from gateway.rendering.senders import Mailbox, Sender


def load_config(file: Path | None, templates: Path | None) -> Loaded:
    """Load a config file, or the defaults. ``templates`` is relative to the current folder."""
    from gateway.config import load

    overrides: dict[str, Any] = {} if templates is None else {"templates": str(templates.absolute())}
    try:
        return load(file, overrides)
    except ConfigError as wrong:
        raise BadConfig(wrong.message) from wrong


def connector(loaded: Loaded, connector_id: str | None, channel: Channel) -> Connector | None:
    """Return the connector with an id, else the default of the channel: the config's choice, or the first one.

    None if the channel has no connector. Raises WrongUse if the id is unknown.
    """
    if connector_id is None:
        connector_id = loaded.config.defaults.get(channel.value)
    fitting = [one for one in loaded.connectors if one.factory.channel is channel]
    if connector_id is None:
        return fitting[0] if fitting else None
    chosen = next((one for one in fitting if one.id == connector_id), None)
    if chosen is None:
        known = ", ".join(one.id for one in fitting) or "none"
        raise WrongUse(f"--connector: no connector {connector_id} sends {channel}; there are: {known}")
    return chosen


def renderer(loaded: Loaded) -> Renderer:
    """Return the renderer as the gateway makes it: the folder of the config over the built-in one."""
    from gateway.core import data_files
    from gateway.rendering import Renderer

    folders = [loaded.config.templates] if loaded.config.templates is not None else []
    return Renderer([*folders, data_files.folder("templates")])


def sender(one: Connector | None, channel: Channel) -> Sender | Mailbox:
    """Return the sender of a message through a connector."""
    from gateway.rendering.senders import Mailbox, Sender

    kind = Mailbox if channel is Channel.EMAIL else Sender
    return kind("") if one is None else kind.of(one.provider, one.config)
