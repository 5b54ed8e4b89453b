"""The two steps of a verification: request a code, and check what the person typed."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any, Literal, TypeAlias

from gateway.core.clock import Clock
from gateway.core.errors import GatewayError, InvalidRequest, StoreFailed
from gateway.core.model import Channel, Document, Recipient, UsageType
from gateway.core.outcomes import report_outcome
from gateway.core.recipients import country
from gateway.delivery.delivery import Delivered, Delivery
from gateway.providers.ports import Connector
from gateway.storage.ports import Store
from gateway.verification import rules
from gateway.verification.codes import Pins, random_code, seeded_code
from gateway.verification.errors import CodeNotFound, EmailMismatch, MessageRateLimited, PhoneMismatch, failed
from gateway.verification.rules import PRESETS, By, Histories, Policy, Verdict
from gateway.verification.states import RECIPIENTS, WINDOWS, Seal, States, open_seal

Step: TypeAlias = Literal["request", "check"]
OWN = "own"
"""The name of the config file's policy, if it is none of the presets."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the config file.

    ``seed`` and ``echo`` are for a sandbox, and have no effect if a connector sends for real. ``key`` replaces the
    key in the store.
    """

    policy: Policy = PRESETS["logto"]
    seed: int | None = None
    echo: bool = False
    key: str | None = field(default=None, repr=False)
    live: bool = False


@dataclass(frozen=True, slots=True)
class Requested:
    """A code that was sent. Times are seconds of the gateway's clock; ``code`` is None unless it is echoed."""

    verification_id: str
    delivered: Delivered
    expires_at: float | None
    resend_at: float
    tries_left: int | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A code that was right."""

    verification_id: str


@dataclass(frozen=True, slots=True)
class _Reserved:
    """A code that is kept and counted but not sent yet. Times are milliseconds of the gateway's clock."""

    code_id: str
    code: str
    at: int
    expires_at: int | None
    resend_at: int
    tries_left: int | None


class Verification:
    """Requests and checks codes.

    ``settings.policy`` applies unless a request names a preset. A code is checked by the policy that it was made
    with. ``on_end`` is called with the outcome of each step, as a metrics label.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        delivery: Delivery,
        settings: Settings,
        on_end: Callable[[Channel, Step, str], None] = lambda _channel, _step, _outcome: None,
    ) -> None:
        self._records = store.records
        self._clock = clock
        self._delivery = delivery
        self._settings = settings
        self._on_end = on_end
        preset = next((name for name, policy in PRESETS.items() if policy == settings.policy), OWN)
        self._policies = {**PRESETS, preset: settings.policy}
        self._default = preset
        self._states = States(store, clock, list(self._policies.values()))
        self._seal: Seal | None = None
        self.pins = Pins(clock)

    @property
    def live(self) -> bool:
        """Whether every connector sends for real, so that pins, seeds and echoes have no effect."""
        return self._settings.live

    async def request(
        self,
        connector: Connector,
        recipient: Recipient,
        usage_type: UsageType,
        payload: Mapping[str, Any],
        *,
        client: str | None = None,
        policy: str | None = None,
    ) -> Requested:
        """Make a code, count it and send it.

        ``client`` is the IP address of the person who asks, ``policy`` the name of a preset. If the code certainly
        was not sent, it does not count. If it may have been sent, or the process is killed meanwhile, it counts and
        can be checked. Raises MessageRateLimited and the errors of the send.
        """
        with self._reported(recipient, "request"):
            return await self._request(connector, recipient, usage_type, payload, client, policy)

    async def _request(
        self,
        connector: Connector,
        recipient: Recipient,
        usage_type: UsageType,
        payload: Mapping[str, Any],
        client: str | None,
        preset: str | None,
    ) -> Requested:
        name = preset or self._default
        policy = self._policies[name]
        seal = await self._opened_seal()
        keys = [RECIPIENTS + seal.recipient(recipient), *self._window_keys(seal, policy, recipient, client)]
        real = self._settings.live or self._delivery.may_be_real(connector)
        reserved = await self._reserve(seal, keys, name, recipient, usage_type, real=real)
        try:
            delivered = await self._delivery.send(
                connector, recipient, usage_type, {**payload, "code": reserved.code}, client
            )
        except GatewayError as error:
            maybe = error.maybe_sent or error.data.get("maybeSent") is True
            await self._settle(keys, policy, usage_type, reserved, sent=maybe)
            raise
        await self._settle(keys, policy, usage_type, reserved, sent=True)
        return Requested(
            reserved.code_id,
            delivered,
            None if reserved.expires_at is None else rules.seconds(reserved.expires_at),
            rules.seconds(reserved.resend_at),
            reserved.tries_left,
            reserved.code if self._settings.echo and not real else None,
        )

    async def check(
        self, recipient: Recipient, usage_type: UsageType, typed: str, verification_id: str | None = None
    ) -> Passed:
        """Check a typed code, and use it up if it is right.

        ``verification_id``: only the code of that request counts. Raises VerificationError after the try is kept,
        and InvalidRequest if the text is no code at all, which costs no try.
        """
        with self._reported(recipient, "check"):
            return await self._check(recipient, usage_type, typed, verification_id)

    async def _check(
        self, recipient: Recipient, usage_type: UsageType, typed: str, verification_id: str | None
    ) -> Passed:
        if rules.read(typed) is None:
            raise InvalidRequest("code: must hold the code that was sent", data={"field": "code"})
        seal = await self._opened_seal()
        own = seal.recipient(recipient)
        if verification_id is not None:
            await self._must_be_own(verification_id, own, recipient, usage_type)

        def is_right(code: Mapping[str, Any]) -> bool:
            plain = rules.read(typed, self._policy(code["policy"]).alphabet)
            return plain is not None and hmac.compare_digest(
                code["digest"], seal.code(recipient, usage_type, plain)
            )

        def change(kept: list[Document]) -> tuple[tuple[rules.Checked, str, int], list[Document] | None]:
            now = self._now()
            newest = kept[0].get("codes", {}).get(usage_type.value, [{"id": ""}])[-1]["id"]
            checked = rules.check(kept[0], self._policy, usage_type.value, is_right, now, verification_id)
            changed = checked.state is not kept[0]
            return (checked, newest, now), [dict(checked.state)] if changed else None

        checked, newest, now = await self._states.change([RECIPIENTS + own], change)
        if checked.verdict is not Verdict.VERIFIED:
            raise failed(checked.verdict, checked.refusal, checked.tries_left, now)
        return Passed(newest)

    async def forget_recipient(self, recipient: Recipient) -> bool:
        """Delete the codes, counts and locks of a recipient and return whether there were any."""
        return await self._states.delete(RECIPIENTS + (await self._opened_seal()).recipient(recipient))

    async def forget(self) -> int:
        """Delete the codes, counts, locks and pins of all recipients and return how many records there were."""
        self.pins.clear()
        return await self._states.forget()

    def _reported(self, recipient: Recipient, step: Step) -> AbstractContextManager[None]:
        return report_outcome(lambda outcome: self._on_end(recipient.channel, step, outcome))

    # --- inside -------------------------------------------------------------------------------------------

    async def _reserve(
        self, seal: Seal, keys: list[str], name: str, recipient: Recipient, usage_type: UsageType, *, real: bool
    ) -> _Reserved:
        """Keep the code and count its send before it goes out: the person may type it before the send returns."""
        policy = self._policies[name]

        def change(kept: list[Document]) -> tuple[_Reserved, list[Document]]:
            now = self._now()
            state, histories = kept[0], _histories(keys, kept)
            refused = rules.refusal(state, policy, histories, now)
            if refused is not None:
                raise MessageRateLimited(refused.rule, refused.retry_after(now))
            count = state.get("issued", 0)
            code = self._code(policy, recipient, usage_type, count, real=real)
            code_id = f"ver_{keys[0].removeprefix(RECIPIENTS)}{secrets.token_hex(8)}"
            plain = rules.read(code, policy.alphabet) or code
            made = {"id": code_id, "digest": seal.code(recipient, usage_type, plain)}
            after = rules.issue(state, policy, name, usage_type.value, made, now)
            histories = {by: rules.added(one, policy.windows_by(by), now) for by, one in histories.items()}
            expires_at = after["codes"][usage_type.value][-1]["expiresAt"]
            resend_at = rules.resend_at(after, policy, histories, now)
            left = rules.tries_left(after, policy, usage_type.value, now)
            if self._settings.seed is not None:
                after = {**after, "issued": count + 1}
            others = [{"sends": one} for one in histories.values()]
            return _Reserved(code_id, code, now, expires_at, resend_at, left), [dict(after), *others]

        return await self._states.change(keys, change)

    async def _settle(
        self, keys: list[str], policy: Policy, usage_type: UsageType, reserved: _Reserved, *, sent: bool
    ) -> None:
        def change(kept: list[Document]) -> tuple[None, list[Document] | None]:
            state = rules.settle(kept[0], policy, usage_type.value, reserved.code_id, reserved.at, sent=sent)
            if sent:
                return None, None if state is kept[0] else [dict(state)]
            histories = {
                by: rules.removed(one, policy.windows_by(by), reserved.at)
                for by, one in _histories(keys, kept).items()
            }
            return None, [dict(state), *({"sends": one} for one in histories.values())]

        # The code counts already. The caller needs the outcome of the send more than an error of this write.
        with suppress(StoreFailed):
            await self._states.change(keys[:1] if sent else keys, change)

    async def _must_be_own(
        self, verification_id: str, own: str, recipient: Recipient, usage_type: UsageType
    ) -> None:
        """Raise CodeNotFound, PhoneMismatch or EmailMismatch if the id is not of a code of this recipient."""
        whose = verification_id.removeprefix("ver_")[:-16]
        if whose == own:
            return
        state = await self._states.read(RECIPIENTS + whose)
        newest = state.get("codes", {}).get(usage_type.value, [{"id": None}])[-1]["id"]
        if newest != verification_id:
            raise CodeNotFound("there is no code to check under that id")
        kind = PhoneMismatch if recipient.channel is Channel.SMS else EmailMismatch
        raise kind("to: that code was sent to another recipient")

    def _code(self, policy: Policy, recipient: Recipient, usage_type: UsageType, count: int, *, real: bool) -> str:
        if real:
            return random_code(policy)
        pin = self.pins.get(recipient)
        if pin is not None:
            return pin.code
        if self._settings.seed is not None:
            return seeded_code(policy, self._settings.seed, recipient, usage_type.value, count)
        return random_code(policy)

    def _window_keys(self, seal: Seal, policy: Policy, recipient: Recipient, client: str | None) -> list[str]:
        names: dict[By, str | None] = {}
        if policy.windows_by(By.ADDRESS):
            names[By.ADDRESS] = seal.client(_network(client)) if client else None
        if policy.windows_by(By.COUNTRY):
            names[By.COUNTRY] = country(recipient.read_as) if recipient.channel is Channel.SMS else None
        if policy.windows_by(By.ALL):
            names[By.ALL] = ""
        return [f"{WINDOWS}{by.value}/{name}" for by, name in names.items() if name is not None]

    def _policy(self, name: str | None) -> Policy:
        """Return a policy by name; if the config file no longer has it, the policy that the file has now."""
        return self._policies.get(name or self._default, self._settings.policy)

    def _now(self) -> int:
        return rules.milliseconds(self._clock.now())

    async def _opened_seal(self) -> Seal:
        if self._seal is None:
            self._seal = await open_seal(self._records, self._settings.key)
        return self._seal


def _histories(keys: list[str], kept: list[Document]) -> Histories:
    return {
        By(key.removeprefix(WINDOWS).partition("/")[0]): document.get("sends", [])
        for key, document in zip(keys[1:], kept[1:], strict=True)
    }


def _network(address: str) -> str:
    """Return the addresses that count as one person: an IPv4 address, or a /64 of IPv6."""
    found: Any = ip_address(address)
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or ip_address(int(found) >> 64 << 64)
    return str(found)
