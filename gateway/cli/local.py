"""What commands work with that need no running gateway: the templates and a connector, as the config has them."""

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


def loaded(file: Path | None, templates: Path | None) -> Loaded:
    """``templates``: from the command line, so relative to where we are."""
    from gateway.config import load

    overrides: dict[str, Any] = {} if templates is None else {"templates": str(templates.absolute())}
    try:
        return load(file, overrides)
    except ConfigError as wrong:
        raise BadConfig(wrong.message) from wrong


def connector(found: Loaded, connector_id: str | None, channel: Channel) -> Connector | None:
    """The one of that id, else the default of the channel: the config's, or the first. None: there is none."""
    if connector_id is None:
        connector_id = found.config.defaults.get(channel.value)
    fitting = [one for one in found.connectors if one.factory.channel is channel]
    if connector_id is None:
        return fitting[0] if fitting else None
    chosen = next((one for one in fitting if one.id == connector_id), None)
    if chosen is None:
        known = ", ".join(one.id for one in fitting) or "none"
        raise WrongUse(f"--connector: no connector {connector_id} sends {channel}; there are: {known}")
    return chosen


def renderer(found: Loaded) -> Renderer:
    """As the gateway itself has it: the config's folder over the built-in one."""
    from gateway.core import data_files
    from gateway.rendering import Renderer

    folders = [found.config.templates] if found.config.templates is not None else []
    return Renderer([*folders, data_files.folder("templates")])


def sender(one: Connector | None, channel: Channel) -> Sender | Mailbox:
    """Who a message of that channel is from."""
    from gateway.rendering.senders import Mailbox, Sender

    kind = Mailbox if channel is Channel.EMAIL else Sender
    return kind("") if one is None else kind.of(one.provider, one.config)
