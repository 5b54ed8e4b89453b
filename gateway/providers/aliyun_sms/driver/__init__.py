"""Sends by Aliyun SMS with the official SDK, one attempt a message.

The SDK (``alibabacloud-dysmsapi20170525``) blocks, so it is called in the threads of ``Offload``, and it is slow
to import (0.8 s), so that happens there too, at the first send.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.errors import ConnectorError, RecipientRefused, TemplateNotFound, TimedOut, Unreachable
from gateway.core.model import Content, Message, Receipt
from gateway.core.offload import NotStarted, Offload
from gateway.providers.aliyun_sms.driver import sdk
from gateway.providers.aliyun_sms.driver.outcomes import PROVIDER, of_answer, of_exception
from gateway.providers.aliyun_sms.settings import AliyunSmsSettings

# Logto's two expressions: they decide between the china and the overseas template.
_CHINA = re.compile(r"(\+86|0086|86)?1[0-9]{10}")
_CHINA_STRICT = re.compile(r"(\+86|0086|86)1[0-9]{10}")
_SEPARATORS = re.compile(r"[\s().-]")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")


class AliyunSmsDriver:
    """Implements ``ports.Driver``. ``address``: the fake's ``host:port``, None for Aliyun itself."""

    def __init__(self, settings: AliyunSmsSettings, address: str | None, offload: Offload | None = None) -> None:
        self._settings = settings
        self._address = address
        # One for each connector, so that what is stuck at one provider leaves the others their threads.
        self._offload = offload or Offload()
        self._client: Any = None
        self._making = threading.Lock()

    async def send(
        self,
        message: Message,
        render: Callable[[], Content],  # noqa: ARG002 (Aliyun renders on its side)
        deadline: float,
    ) -> Receipt:
        """One attempt, over by ``deadline`` (the event loop's time, seconds). Raises ``errors.ConnectorError``
        only; which for what, and whether the message may have gone out: ``outcomes``."""
        fields = self._fields(message)
        now = asyncio.get_running_loop().time
        outcome: Receipt | ConnectorError
        try:
            outcome = await self._offload.run(lambda: self._attempt(fields, lambda: deadline - now()), deadline)
        except NotStarted:
            outcome = Unreachable("too many sends wait for Aliyun; this one was not sent", provider=PROVIDER)
        except TimeoutError:
            outcome = TimedOut("no answer by the deadline; the message may have gone out", provider=PROVIDER)
        if isinstance(outcome, ConnectorError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """End the idle threads. The SDK keeps its connections for the life of the process."""
        self._offload.close()

    def _fields(self, message: Message) -> dict[str, str]:
        """The fields of the SDK's SendSmsRequest. Raises what is wrong before anything is sent."""
        settings = self._settings
        template = settings.template_for(message.usage_type)
        if template is None:
            raise TemplateNotFound(
                f"the connector has no template for {message.usage_type}, and none for Generic", provider=PROVIDER
            )
        number = _SEPARATORS.sub("", message.recipient.to)
        if _NUMBER.fullmatch(number) is None:
            raise RecipientRefused("to must be a phone number, digits with country code", provider=PROVIDER)
        china = _CHINA_STRICT if settings.strict_phone_region_number_check else _CHINA
        code = template.template_code
        fields = {
            # Aliyun takes a mainland number bare or with 86, any other with its country code, without + or 00.
            "phone_numbers": number.removeprefix("+").removeprefix("00"),
            "sign_name": settings.sign_name,
            "template_code": code.china if china.fullmatch(number) else code.overseas,
            "out_id": message.id,
        }
        parameters = _parameters(message.payload)
        return {**fields, "template_param": parameters} if parameters else fields

    def _attempt(self, fields: Mapping[str, str], seconds_left: Callable[[], float]) -> Receipt | ConnectorError:
        """In the thread: the receipt, or what ``send`` is to raise. An exception of ours that is made here and
        raised there has none of the SDK's as its context."""
        with self._making:
            if self._client is None:
                self._client = sdk.client(self._settings, self._address)
        # Asked after the SDK's import, and so that nothing is sent after a failure was reported for the deadline.
        remaining = seconds_left()
        if remaining <= 0:
            return Unreachable("the deadline passed before anything was sent", provider=PROVIDER)
        settings = self._settings
        connect, read = settings.connect_timeout_seconds, settings.timeout_seconds
        try:
            response = sdk.send_sms(self._client, fields, min(connect, remaining), min(read, remaining))
        except Exception as error:  # noqa: BLE001 (the SDK raises whatever it meets)
            return of_exception(error)
        body = response.body
        code, request_id = getattr(body, "code", None), getattr(body, "request_id", None)
        return of_answer(code, request_id, response.status_code, biz_id=getattr(body, "biz_id", None))


def _parameters(payload: Mapping[str, Any]) -> str | None:
    """TemplateParam: Aliyun takes strings only, and judges those too that its template does not use."""
    kept = {
        name: value
        for name, value in payload.items()
        if isinstance(value, str) and name not in ("locale", "uiLocales")
    }
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    # Half of a surrogate pair has no UTF-8; this writes it as the JSON escape that JavaScript sends.
    return text.encode("utf-8", "backslashreplace").decode() if kept else None
