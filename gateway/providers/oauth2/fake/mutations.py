"""What ``mutate`` of a fault may say at this fake: how tokens, answers, redirects and keys are to be wrong.

Keys are camelCase, since they come over the API. docs/social.md shows the descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.alias_generators import to_camel

Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Alg: TypeAlias = Literal["none", "HS256", "HS384", "HS512", "RS256", "ES256", "ES384"]
SignedWith: TypeAlias = Literal["own", "foreign", "public", "secret"]

# More than anybody's real token; a megabyte of claims is one line all the same.
_LONGEST_PAD = 4_000_000


class Mutation(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, hide_input_in_errors=True
    )

    @model_validator(mode="after")
    def _says_something(self) -> Mutation:
        if not self.model_fields_set:
            known = ", ".join(field.alias or name for name, field in type(self).model_fields.items())
            raise ValueError(f"nothing to do; give {known}")
        return self


class TokenMutation(Mutation):
    """A signed token that is wrong."""

    alg: Alg | None = Field(
        None, description="signed with a key of the issuer for this algorithm; `none`: unsigned, and saying so"
    )
    kid: Name | None = Field(None, description="the key id that the header names; the key is the right one")
    drop_kid: bool = Field(default=False, description="the header names no key")
    typ: Name | None = Field(None, description="the type that the header names")
    signed_with: SignedWith = Field(
        "own",
        description="`foreign`: a key of nobody's, under the issuer's key id; `public`: HMAC with the issuer's "
        "public key as text (algorithm confusion); `secret`: HMAC with the client's secret",
    )
    unsigned: bool = Field(default=False, description="the signature is empty, whatever the header says")
    tampered: bool = Field(default=False, description="the signature does not fit the claims")
    expires_in: Annotated[float, Field(strict=False, allow_inf_nan=False, ge=-1e9, le=1e9)] | None = Field(
        None, description="seconds from now until `exp`; negative: it has expired"
    )
    issued_in: Annotated[float, Field(strict=False, allow_inf_nan=False, ge=-1e9, le=1e9)] | None = Field(
        None, description="seconds from now until `iat` (and `nbf`, where there is one)"
    )
    claims: dict[Name, JsonValue] = Field({}, description="claims that it has instead: `aud`, `iss`, `nonce`, any")
    drop: list[Name] = Field([], description="claims that it lacks")
    pad: int = Field(0, ge=0, le=_LONGEST_PAD, description="so many characters more, in a claim `pad`")


class AnswerMutation(Mutation):
    """A JSON answer that is wrong: of the token endpoint, userinfo, discovery, the key set, any."""

    status: Annotated[int, Field(ge=200, le=599)] | None = Field(None, description="another HTTP status, same body")
    set: dict[Name, JsonValue] = Field({}, description="members that it has instead, or besides")
    drop: list[Name] = Field([], description="members that it lacks: `token_type`, `scope`, `id_token`")
    strings: list[Name] = Field([], description='members whose value becomes a string: `expires_in` is `"3600"`')
    lower: list[Name] = Field([], description="members whose text becomes lower case: `token_type` is `bearer`")
    form: bool = Field(default=False, description="the body is form-encoded instead of JSON")
    content_type: Annotated[str, Field(pattern=r"^[^\r\n]*$", max_length=200)] | None = Field(
        None, description="another Content-Type, same body"
    )
    cacheable: bool = Field(default=False, description="without `Cache-Control: no-store`")


class RedirectMutation(Mutation):
    """An answer of the authorization endpoint, back to the client, that is wrong."""

    set: dict[Name, str] = Field({}, description="parameters that it has instead: `state`, `iss`, `code`")
    drop: list[Name] = Field([], description="parameters that it lacks: `state`, `iss`")


class Mutations(Mutation):
    """``mutate`` of a fault at ``oauth2``."""

    id_token: TokenMutation | None = None
    access_token: TokenMutation | None = Field(None, description="only where they are JWTs (`access_tokens: jwt`)")
    answer: AnswerMutation | None = None
    redirect: RedirectMutation | None = None
    keys: Literal["rotate", "remove", "hide"] | None = Field(
        None,
        description="`rotate`: from this request on a new key signs, and the old one is still published; `remove`: "
        "likewise, and the old one is gone; `hide`: this answer of the key set lacks the key that signs",
    )


def read(mutate: Mapping[str, Any]) -> Mutations | None:
    """What a rule says; it was checked when the rule was made."""
    return Mutations.model_validate(dict(mutate)) if mutate else None
