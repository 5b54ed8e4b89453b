"""What signing in answers. Token answers keep the names of the RFC."""

from __future__ import annotations

from pydantic import Field

from gateway.web.routing.shared import Json, Shape


class RedirectTo(Shape):
    """Where the browser goes next."""

    redirect_to: str = Field(description="The provider's page, with all parameters.")


class TokenResponse(Shape):
    """What the provider's token endpoint gave, with the names of RFC 6749."""

    access_token: str = Field(alias="access_token")
    token_type: str = Field(alias="token_type", examples=["Bearer"])
    expires_in: float | None = Field(None, alias="expires_in", description="Seconds.")
    refresh_token: str | None = Field(None, alias="refresh_token")
    scope: str | None = Field(None, description="Separated by spaces.")
    id_token: str | None = Field(None, alias="id_token", description="Where it is OpenID Connect; checked by then.")


class _Person(Shape):
    id: str = Field(description="The provider's id of this person.")
    name: str | None = None
    avatar: str | None = Field(None, description="A URL.")
    email: str | None = Field(None, description="Left out where the provider does not call it verified.")
    phone: str | None = None
    raw_data: Json = Field(description="All that the provider said.")


class Person(_Person):
    """Who signed in, as Logto has it."""


class SignedIn(_Person):
    """Who signed in, as Logto has it, and the provider's tokens."""

    token_response: TokenResponse
