"""All that is done with boto3: a client that knows what we tell it, and nothing else."""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from typing import Any

from gateway.providers.aws_ses.settings import AwsSesSettings

CONNECTIONS = 16
"""At once, and kept open: more threads cost more for each call and send no faster."""


def client(settings: AwsSesSettings, address: str | None) -> Any:
    """The SDK's client for the fake at ``address`` (``host:port``), or for AWS itself where that is None.

    It makes one attempt a call. Neither the environment (``AWS_*``) nor the files in ``~/.aws`` have a say; what a
    host has for its network (proxies, ``REQUESTS_CA_BUNDLE``) does where it sends for real.
    """
    from boto3 import Session
    from botocore.config import Config
    from botocore.session import Session as Core

    quiet()
    nowhere = {name: (None, None, *rest) for name, (_, _, *rest) in Core.SESSION_VARIABLES.items()}
    for name in ("config_file", "credentials_file"):
        nowhere[name] = (None, None, os.devnull, None)
    core = Core(session_vars=nowhere)
    core.register_component("data_loader", _models())
    session = Session(
        botocore_session=core,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.access_key_secret,
        aws_session_token=settings.session_token,
        region_name=settings.region,
    )
    fake = address is not None
    config = Config(
        connect_timeout=settings.connect_timeout_seconds,
        read_timeout=settings.timeout_seconds,
        # "standard" and "legacy" both count so; the environment could name another.
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
        ignore_configured_endpoint_urls=True,
        # No proxy stands between us and a fake; None would ask the environment.
        proxies={} if fake else None,
    )
    return session.client("sesv2", endpoint_url=f"http://{address}" if fake else settings.endpoint, config=config)


@lru_cache(maxsize=1)
def _models() -> Any:
    """What botocore knows of AWS's services, read once for all connectors: most of the work of a client. Nothing in
    it changes."""
    from botocore.loaders import create_loader

    return create_loader()


def quiet() -> None:
    """At DEBUG botocore logs every request with its body: recipient and code. urllib3 logs URLs, and at WARNING
    where an answer's headers are broken."""
    for name in ("boto3", "botocore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("urllib3.connection", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.ERROR)
