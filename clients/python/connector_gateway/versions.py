"""Whether the kit and a gateway fit: both state an integer, the version of the API."""

from __future__ import annotations

from connector_gateway.errors import IncompatibleGateway

__tracebackhide__ = True

API_VERSION = 1
"""The version of the API that this kit needs. A gateway also serves kits that are one version older."""


def check_version(stated: object, url: str) -> None:
    """Raise IncompatibleGateway unless a gateway that states this API version serves this kit.

    A gateway that states none is older than version 1.
    """
    version = stated if isinstance(stated, int) else 0
    if version < API_VERSION:
        raise IncompatibleGateway(
            f"the gateway at {url} is too old for this kit: it has API version {version}, and the kit needs "
            f"{API_VERSION}. Upgrade connector-gateway."
        )
    if version > API_VERSION + 1:
        raise IncompatibleGateway(
            f"the gateway at {url} is too new for this kit: it has API version {version}, and the kit needs "
            f"{API_VERSION}. Upgrade pytest-connector-gateway."
        )
