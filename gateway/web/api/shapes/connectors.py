"""Connector factories and connectors, as Logto's console reads them, with fields of ours."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel

from gateway.web.routing.shared import Json, Shape


class FormItem(Shape):
    """One key of a connector's config, as the console asks for it."""

    key: str
    label: str
    type: Literal["Text", "Number", "MultilineText", "Switch", "Select", "Json"]
    required: bool
    is_confidential: bool = Field(description="Masked whenever it is shown.")
    placeholder: str | None = None
    description: str | None = None
    default_value: Any = None


class _Shared(Shape):
    type: Literal["Sms", "Email", "Social"]
    target: str = Field(description="The provider in Logto's words.", examples=["aliyun-sms"])
    platform: Literal["Universal"] | None = Field(description="Of social connectors; null for others.")
    name: dict[str, str] = Field(description="By locale, `en` at least.")
    description: dict[str, str] = Field(description="By locale, `en` at least.")
    logo: str = Field(description="A `data:` URL.")
    logo_dark: None
    readme: str = Field(description="Markdown.")
    form_items: list[FormItem]
    is_standard: bool = Field(description="A protocol that many providers speak.")


class Factory(_Shared):
    """What connectors of one kind are made of."""

    id: str = Field(description="Logto's factory id.", examples=["aliyun-short-message-service"])
    options: list[str] = Field(description="The names of our own settings of such a connector.")


class Factories(RootModel[list[Factory]]):
    """Every factory, by id."""


class Connector(_Shared):
    """One configured use of a provider, with its factory's fields spread into it. Secrets are ``********``."""

    id: str = Field(examples=["sms"])
    connector_id: str = Field(description="The factory's id, as Logto names it.")
    provider: str = Field(examples=["aliyun-sms"])
    config: Json = Field(description="Logto's JSON.")
    options: Json = Field(description="Our own settings.")
    authorization: str | None = Field(description="`********` where `send` asks for one.")
    metadata: dict[str, Any] = Field(description="Empty: Logto has it for social connectors.")
    sync_profile: Literal[False]
    is_demo: Literal[False]
    live: bool = Field(description="It sends for real.")
    fallback: list[str] = Field(
        description="Ids of those that stand in where it certainly could not send, in order."
    )
    is_default: bool = Field(description="It sends what names no connector, on its channel.")
    read_only: bool = Field(description="The config file has it.")
    version: int = Field(ge=0, description="Of what is kept; 0 where the config file has it.")
    warnings: list[str] = Field(description="What somebody should know of these settings, though they work.")


class Connectors(RootModel[list[Connector]]):
    """Every connector: the config file's first, then the others by id."""
