"""A verification on a file, opened again and again, against the slow and obvious model of the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway.core.errors import GatewayError, RecipientRefused, TimedOut
from gateway.core.model import UsageType
from gateway.verification import Settings
from gateway.verification.errors import MessageRateLimited
from gateway.verification.rules import PRESETS, By, Policy, Window
from tests.support.tiers import examples
from tests.support.wall_clock import WallClock
from tests.verification.rules.reference_model import Model, Sent
from tests.verification.setup import Provider, VerificationSetup, on_disk

T = TypeVar("T")

TYPES = st.sampled_from([UsageType.SIGN_IN, UsageType.GENERIC])
POLICIES = st.sampled_from(
    [
        PRESETS["logto"],
        PRESETS["nist"],
        PRESETS["off"],
        Policy(
            lifetime_seconds=60,
            tries_per_code=2,
            tries_per_recipient=3,
            lock_seconds=90,
            resend_waits=(5, 20),
            windows=(Window(By.RECIPIENT, 2, 30), Window(By.RECIPIENT, 4, 100)),
        ),
    ]
)
STEPS = st.sampled_from([0.001, 1.0, 5.0, 30.0, 60.0, 600.0, 3600.0])
VERDICTS = {
    "verification_blocked_too_many_attempts": "locked",
    "not_found": "not_found",
    "expired": "expired",
    "exceed_max_try": "exceed_max_try",
    "code_mismatch": "code_mismatch",
}


class VerificationMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.wall = WallClock()
        self.provider = Provider()
        self.stack = AsyncExitStack()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(policy=POLICIES)
    def begin(self, policy: Policy) -> None:
        self.policy = policy
        self.model = Model(policy)
        self.open()

    def open(self) -> None:
        context = on_disk(Path(self.folder.name), Settings(self.policy), wall=self.wall, provider=self.provider)
        self.setup: VerificationSetup = self.run(self.stack.enter_async_context(context))

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    @property
    def now(self) -> int:
        return round(self.wall.time * 1000)

    @rule()
    def restart(self) -> None:
        self.run(self.stack.aclose())
        self.open()

    @rule(seconds=STEPS)
    def advance(self, seconds: float) -> None:
        self.wall.go(seconds)

    @rule(usage_type=TYPES, error=st.sampled_from([None, None, None, RecipientRefused("no"), TimedOut("late")]))
    def request(self, usage_type: UsageType, error: GatewayError | None) -> None:
        self.provider.fails = [error]
        before = len(self.provider.sent)
        allowed = self.model._may_send(self.now)
        found = self.run(self.outcome(usage_type))
        if isinstance(found, MessageRateLimited):
            assert not allowed
            assert len(self.provider.sent) == before
            return
        assert found is error
        assert allowed
        sent = Sent(str(before), usage_type, self.now, self.setup.code)
        self.model.issue(sent)
        self.model.settle(sent, went_out=not isinstance(error, RecipientRefused))

    async def outcome(self, usage_type: UsageType) -> GatewayError | None:
        try:
            await self.setup.request(type=usage_type)
        except GatewayError as error:
            return error
        return None

    @rule(usage_type=TYPES, which=st.integers(1, 4))
    def type_one_that_was_sent(self, usage_type: UsageType, which: int) -> None:
        if len(self.provider.sent) >= which:
            self.check(usage_type, str(self.provider.sent[-which].code))

    @rule(usage_type=TYPES)
    def type_a_wrong_one(self, usage_type: UsageType) -> None:
        self.check(usage_type, "wrong")

    def check(self, usage_type: UsageType, typed: str) -> None:
        try:
            self.run(self.setup.check(typed, type=usage_type))
            found = "verified"
        except GatewayError as error:
            found = VERDICTS[error.code.partition(".")[2]]
        assert found == self.model.check(usage_type, typed, self.now)

    @invariant()
    def one_record_is_enough(self) -> None:
        if hasattr(self, "setup"):
            assert len(self.run(self.setup.store.records.scan("verifications/to/"))) <= 1


def run_machine(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        VerificationMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_verification_agrees_with_the_model_over_restarts() -> None:
    run_machine(examples(15), 20)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_verification_agrees_with_the_model_over_many_restarts() -> None:
    run_machine(120, 50)
