"""All that is done with Aliyun's SDK: a client, a call, and what its import leaves behind in ``logging``."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from gateway.providers.aliyun_sms.settings import AliyunSmsSettings


def client(settings: AliyunSmsSettings, address: str | None) -> Any:
    """The SDK's client for the fake at ``address`` (``host:port``), or for Aliyun itself where that is None.

    It makes one attempt a call: without ``retry_options`` the SDK does not try again.
    """
    from alibabacloud_dysmsapi20170525.client import Client
    from alibabacloud_tea_openapi.utils_models import Config

    quiet()
    place = {"endpoint": settings.endpoint, "protocol": "HTTPS"}
    if address is not None:
        # The SDK obeys HTTP_PROXY and ignores NO_PROXY; a fake that is its own proxy is reached all the same.
        place = {"endpoint": address, "protocol": "HTTP", "http_proxy": f"http://{address}"}
    config = Config(
        access_key_id=settings.access_key_id,
        access_key_secret=settings.access_key_secret,
        security_token=settings.security_token,
        region_id=settings.region_id,
        signature_algorithm=settings.signature_algorithm,
        **place,
    )
    made = Client(config)
    _open_session(made, config.protocol)
    return made


def send_sms(client: Any, fields: Mapping[str, str], connect_timeout: float, read_timeout: float) -> Any:
    """The SDK's SendSmsResponse. Times in seconds; the read timeout counts from byte to byte, so it bounds no
    drip. Raises whatever the SDK raises."""
    from alibabacloud_dysmsapi20170525.models import SendSmsRequest
    from darabonba.runtime import RuntimeOptions

    runtime = RuntimeOptions(
        connect_timeout=_milliseconds(connect_timeout), read_timeout=_milliseconds(read_timeout)
    )
    return client.send_sms_with_options(SendSmsRequest(**fields), runtime)


def _open_session(client: Any, protocol: str) -> None:
    """Make the session that all calls to this endpoint share.

    The SDK makes it at the first call and without a lock, so 32 first calls at once make 32, each with a TLS
    context (30 ms of CPU) and connections that are lost. What is used here is private to the SDK: where it has
    changed, its own way still works, only slower.
    """
    from darabonba.core import DEFAULT_POOL_MAXSIZE, DaraCore
    from darabonba.request import DaraRequest

    with contextlib.suppress(Exception):
        DaraCore._get_session(  # noqa: SLF001
            f"{protocol.lower()}://{client._endpoint}:{DaraRequest().port}:pool={DEFAULT_POOL_MAXSIZE}",  # noqa: SLF001
            protocol,
            pool_size=DEFAULT_POOL_MAXSIZE,
        )


def quiet() -> None:
    """Take back what importing the SDK did to logging, and keep secrets that it and urllib3 would log out of it.

    The import gives three loggers handlers on stderr and the level DEBUG or INFO. With ``DEBUG=sdk`` in the
    environment the SDK logs every request at DEBUG, Authorization, number and code included: these loggers start
    at WARNING, so nothing of it comes out, whatever the environment says. urllib3 logs the URL at DEBUG, and at
    WARNING where an answer's headers are broken.
    """
    for name in ("darabonba-core", "alibabacloud-tea", "credentials"):
        logger = logging.getLogger(name)
        # A NullHandler, since Python prints the warnings of a logger without any handler to stderr.
        logger.handlers[:] = [logging.NullHandler()]
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    for name in ("urllib3.connection", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _milliseconds(seconds: float) -> int:
    # 0 would mean the SDK's own default.
    return max(1, round(seconds * 1000))
