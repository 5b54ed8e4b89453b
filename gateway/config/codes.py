"""``codes`` of the config file: the policy of one-time codes, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.problems import Place, Problems, has
from gateway.config.section import TOGETHER, Section
from gateway.verification.rules import PRESETS, By, Policy, Window
from gateway.verification.rules import problems as problems_of

_Wait = Annotated[float, Field(ge=0)]
_NO_LIMIT = frozenset({"lifetime_seconds", "tries_per_code", "tries_per_recipient", "lock_seconds"})


class WindowConfig(Section):
    """At most so many sends in so many seconds."""

    by: Literal["recipient", "address", "country", "all"] = Field(
        description="Counted for each recipient, each client address, each country of a number, or all together."
    )
    sends: int = Field(ge=1, description="At most so many.")
    seconds: float = Field(gt=0, description="In any stretch of so many seconds.")


class RulesConfig(Section):
    """The policy's own rules. What is left out is as in the preset; ``null`` means that there is no such limit."""

    length: int | None = Field(default=None, ge=1, le=32, description="Characters of a code.")
    alphabet: str | None = Field(default=None, description="The characters, of `A-Z`, `a-z` and `0-9`.")
    lifetime_seconds: float | None = Field(default=None, gt=0, description="How long a code is valid.")
    tries_per_code: int | None = Field(default=None, ge=1, description="Wrong codes before one is over.")
    tries_per_recipient: int | None = Field(
        default=None, ge=1, description="Wrong codes in a row, over new codes too, before the recipient is locked."
    )
    lock_seconds: float | None = Field(
        default=None, gt=0, description="How long it is locked. `null`: until somebody lifts it."
    )
    try_waits: tuple[_Wait, ...] | None = Field(
        default=None, description="Seconds to wait after the first, second, ... wrong code; the last repeats."
    )
    resend_waits: tuple[_Wait, ...] | None = Field(
        default=None, description="Seconds to wait after the first, second, ... send; the last repeats."
    )
    windows: tuple[WindowConfig, ...] | None = Field(default=None, description="Limits of sends.")
    failed_send_keeps_older: bool | None = Field(
        default=None, description="After a send that certainly failed the older code is still valid."
    )

    def on(self, preset: Policy) -> Policy:
        given: dict[str, Any] = {}
        for key in self.model_fields_set:
            value = getattr(self, key)
            if value is not None or key in _NO_LIMIT:
                given[key] = value
        if self.windows is not None:
            given["windows"] = tuple(Window(By(one.by), one.sends, one.seconds) for one in self.windows)
        return replace(preset, **given)


class CodesConfig(Section):
    """One-time codes that the gateway makes and checks."""

    policy: Literal["logto", "nist", "off"] = Field(
        default="logto", description="`logto`: as Logto does; `nist`: NIST SP 800-63B-4; `off`: no limits."
    )
    rules: RulesConfig = Field(
        default_factory=RulesConfig,
        description="The policy's own rules. What is left out is as in the preset; `null`: no such limit.",
    )
    seed: int | None = Field(
        default=None, description="In a sandbox: the same codes in every run, by recipient and usage type."
    )
    echo: bool = Field(default=False, description="In a sandbox: `POST /api/verifications` answers with the code.")
    key: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="For the hashes under which codes are kept. Left out: made once, in the store."
    )

    @property
    def made(self) -> Policy:
        """The policy that it comes to."""
        return self.rules.on(PRESETS[self.policy])

    @model_validator(mode="after")
    def _works(self) -> CodesConfig:
        for key, text in problems_of(self.made):
            raise PydanticCustomError(TOGETHER, "codes.rules.{key}: {why}", {"key": key, "why": text})
        return self


def not_in_live(codes: CodesConfig) -> Iterator[tuple[str, str]]:
    """What would make codes known to others than who gets them."""
    if codes.seed is not None:
        yield "seed", "not in mode live: others could work the codes out"
    if codes.echo:
        yield "echo", "not in mode live: a code is for who gets the message"


def check_codes(raw: Any, problems: Problems, *, live: bool) -> None:
    """What only all keys together say. Other mistakes are found elsewhere, and keep this from looking."""
    if not isinstance(raw, Mapping):
        return
    try:
        rules = RulesConfig.model_validate(raw.get("rules", {}))
        codes = CodesConfig.model_validate({**raw, "rules": {}})
    except ValidationError:
        return
    place: Place = ("codes", "rules")
    for key, text in problems_of(rules.on(PRESETS[codes.policy])):
        steps = tuple(int(step) if step.isdigit() else step for step in key.split("."))
        # What the preset says may be at odds with what the file says: then all of the section is named.
        if has({"codes": raw}, place + steps):
            problems.add(place + steps, text)
        else:
            problems.add(place, f"{key}: {text}")
    for key, text in not_in_live(codes) if live else ():
        problems.add(("codes", key), text)
