"""Health, status and providers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.core.model import Channel
from gateway.web.routing.shared import Shape


class Health(Shape):
    """The process answers."""

    status: Literal["ok"]


class Ready(Shape):
    """The gateway can do its work."""

    status: Literal["ready"]


class Status(Shape):
    """What this server is."""

    version: str
    mode: str = Field(description="`sandbox`: every connector goes to its fake; `live`: they send for real.")
    url: str = Field(description="Where clients on this machine reach it.", examples=["http://127.0.0.1:4650"])
    shared: bool = Field(description="Many use it: its clock cannot be moved, nor can it be reset.")
    pid: int = Field(description="The id of its process.")


class Recipe(Shape):
    """Exact lines to paste into a client."""

    title: str
    text: str


class Provider(Shape):
    """A provider whose fake is mounted."""

    name: str = Field(examples=["aliyun-sms"])
    title: str
    channels: list[Channel]
    factories: list[str] = Field(description="Logto's factory ids.")
    connectors: list[str] = Field(description="The ids of the connectors that send to this fake.")
    url: str = Field(description="The fake's address, for clients that take a whole URL.")
    recipes: list[Recipe]
    environment: dict[str, str] = Field(description="Variables for a process that reads its settings there.")


class Providers(Shape):
    """Every mounted fake."""

    providers: list[Provider]
