"""The config file: read, checked whole, and explained. docs/config.md describes it.

``sections`` what it may say · ``yaml_tree`` the text as values · ``loading`` the way through all of it ·
``connectors`` one entry of ``connectors`` · ``problems`` and ``wording`` what is wrong, and where ·
``explained`` the effective settings without secrets · ``schema`` and ``reference`` all keys, for editors and docs.
"""

from __future__ import annotations

from gateway.config.loading import Loaded, load, load_config
from gateway.config.sections import Config, ConnectorConfig, LiveConfig, RetentionConfig, ServerConfig
from gateway.config.store import StoreConfig

__all__ = [
    "Config",
    "ConnectorConfig",
    "LiveConfig",
    "Loaded",
    "RetentionConfig",
    "ServerConfig",
    "StoreConfig",
    "load",
    "load_config",
]
