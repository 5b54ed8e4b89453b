"""What a send answers."""

from __future__ import annotations

from pydantic import Field

from gateway.web.routing.shared import FailedConnector, Place, Shape


class Receipt(Shape):
    """What the provider answered to a message that it took."""

    provider: str = Field(examples=["aliyun-sms"])
    provider_message_id: str = Field(description="The provider's id of the message (Aliyun: BizId).")
    request_id: str = Field(description="The provider's id of the request.")
    provider_code: str = Field(description="The provider's own code.", examples=["OK"])


class Sent(Shape):
    """The provider took the message."""

    message_id: str = Field(examples=["msg_9f2c61d0a4b87e35"])
    connector_id: str = Field(description="The connector that sent it.", examples=["sms"])
    fallback_to: str | None = Field(None, description="Where it went, if not to `to`.")
    failed: list[FailedConnector] | None = Field(
        None, description="The connectors before it, in order, each with why it certainly did not send."
    )
    cursor: Place
    receipt: Receipt
    ignored: list[str] = Field(description="Keys of the body that we do not know, sorted.")
