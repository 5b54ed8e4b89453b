"""The rules against a slow and obvious model of them, for policies and stories that nobody would think of."""

from __future__ import annotations

import json

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.verification.rules import (
    By,
    Policy,
    State,
    Verdict,
    Window,
    check,
    issue,
    refusal,
    resend_at,
    settle,
)
from tests.support.tiers import examples
from tests.verification.rules.reference_model import Model, Sent

TYPES = st.sampled_from(["SignIn", "Generic"])
# Small, so that limits are met: seconds, and steps of milliseconds around them.
SECONDS = st.sampled_from([0.003, 0.005, 0.008])
WAITS = st.just(()) | st.lists(st.sampled_from([0.0, 0.002, 0.004]), max_size=3).map(
    lambda waits: tuple(sorted(waits))
)
POLICIES = st.builds(
    Policy,
    lifetime_seconds=st.none() | SECONDS,
    tries_per_code=st.none() | st.integers(1, 3),
    tries_per_recipient=st.none() | st.none() | st.integers(1, 4),
    lock_seconds=st.none() | SECONDS,
    try_waits=WAITS,
    resend_waits=WAITS,
    windows=st.just(())
    | st.lists(st.builds(Window, st.just(By.RECIPIENT), st.integers(1, 3), SECONDS), max_size=2).map(tuple),
    failed_send_keeps_older=st.booleans(),
)
START = 1_800_000_000_000


class CodesMachine(RuleBasedStateMachine):
    sends = Bundle("sends")
    unsettled = Bundle("unsettled")

    @initialize(policy=POLICIES)
    def begin(self, policy: Policy) -> None:
        self.policy = policy
        self.model = Model(policy)
        self.state: State = {}
        self.now = START
        self.count = 0

    @rule(by=st.integers(1, 9))
    def let_time_pass(self, by: int) -> None:
        self.now += by

    @precondition(lambda self: sum(not one.settled for one in self.model.sends) < 5)
    @rule(targets=(sends, unsettled), usage_type=TYPES)
    def send(self, usage_type: str) -> Sent | MultipleResults[Sent]:
        free = self.model.may_send_at(self.now)
        found = refusal(self.state, self.policy, {}, self.now)
        assert (found is None) == (free == self.now)
        if found is not None:
            assert found.until == resend_at(self.state, self.policy, {}, self.now)
            # Several rules may be in the way, one after the other.
            assert self.now < (found.until or 0) <= free
            return multiple()
        self.count += 1
        sent = Sent(f"id-{self.count}", usage_type, self.now, f"{self.count:06}")
        code = {"id": sent.id, "digest": sent.code}
        self.state = issue(self.state, self.policy, "own", usage_type, code, self.now)
        self.model.issue(sent)
        return sent

    @rule(sent=consumes(unsettled), went_out=st.booleans())
    def settle(self, sent: Sent, went_out: bool) -> None:
        self.state = settle(self.state, self.policy, sent.usage_type, sent.id, sent.at, sent=went_out)
        self.model.settle(sent, went_out)

    @rule(sent=sends, usage_type=TYPES)
    def type_a_code_that_was_sent(self, sent: Sent, usage_type: str) -> None:
        self._type(usage_type, sent.code)

    @rule(usage_type=TYPES)
    def type_the_newest(self, usage_type: str) -> None:
        own = [one.code for one in self.model.sends if one.usage_type == usage_type and not one.retired]
        self._type(usage_type, own[-1] if own else "000000")

    @precondition(lambda self: self.policy.lifetime_seconds is not None)
    @precondition(lambda self: any(not one.retired for one in self.model.sends))
    @rule(data=st.data())
    def type_the_newest_at_the_last_moment(self, data: st.DataObject) -> None:
        newest = {one.usage_type: one for one in self.model.sends if not one.retired}
        sent = newest[data.draw(st.sampled_from(sorted(newest)))]
        assert self.policy.lifetime_seconds is not None
        self.now = max(self.now, sent.at + round(self.policy.lifetime_seconds * 1000))
        self._type(sent.usage_type, sent.code)

    @rule(usage_type=TYPES)
    def type_a_wrong_one(self, usage_type: str) -> None:
        self._type(usage_type, "wrong")

    def _type(self, usage_type: str, typed: str) -> None:
        checked = check(
            self.state, lambda _: self.policy, usage_type, lambda code: bool(code["digest"] == typed), self.now
        )
        assert checked.verdict.value == self.model.check(usage_type, typed, self.now)
        if checked.verdict not in (Verdict.CODE_MISMATCH, Verdict.VERIFIED):
            assert checked.state == self.state
        if checked.verdict is Verdict.LOCKED:
            assert checked.refusal is not None
            until = checked.refusal.until
            assert until is None or not self.model.locked(until)
            assert until is None or self.model.locked(until - 1)
        if checked.verdict is Verdict.CODE_MISMATCH and checked.tries_left == 0:
            # The next one is refused, however right.
            again = check(checked.state, lambda _: self.policy, usage_type, lambda _: True, self.now)
            assert again.verdict in (Verdict.LOCKED, Verdict.EXCEED_MAX_TRY)
        self.state = checked.state

    @invariant()
    def the_state_is_json(self) -> None:
        if hasattr(self, "state"):
            assert json.loads(json.dumps(self.state)) == self.state


TestCodes = CodesMachine.TestCase
TestCodes.settings = settings(max_examples=examples(200), stateful_step_count=30, deadline=None)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_rules_agree_with_the_model_for_a_long_time() -> None:
    run_state_machine_as_test(CodesMachine, settings=settings(max_examples=2000, stateful_step_count=40))
