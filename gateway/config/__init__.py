"""The config file: read, checked whole, and explained. docs/config.md describes it.

``sections`` the models: every key with type, default and meaning · ``yaml_tree`` a YAML file as values with line
numbers · ``loading`` from file, command line and environment to a config · ``connectors`` one entry of
``connectors`` · ``checks`` what concerns several keys · ``problems`` mistakes, their places and their messages ·
``explained`` the effective settings without secrets, and warnings · ``schema`` the JSON schema and the reference.
"""

from __future__ import annotations

from gateway.config.loading import Loaded, load, load_config
from gateway.config.sections import (
    Config,
    ConnectorConfig,
    LiveConfig,
    RetentionConfig,
    ServerConfig,
    StoreConfig,
    is_loopback,
)

__all__ = [
    "Config",
    "ConnectorConfig",
    "LiveConfig",
    "Loaded",
    "RetentionConfig",
    "ServerConfig",
    "StoreConfig",
    "is_loopback",
    "load",
    "load_config",
]
