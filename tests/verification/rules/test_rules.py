"""What a policy means, one rule at a time. ``test_model`` holds all of them against a model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.verification.rules import (
    PRESETS,
    By,
    Checked,
    Policy,
    Refusal,
    State,
    Verdict,
    Window,
    added,
    check,
    forgettable,
    issue,
    problems,
    refusal,
    removed,
    settle,
)
from gateway.verification.rules.windows import free_at

NOW = 1_800_000_000_000
MINUTE = 60_000
LOGTO, NIST, OFF = (PRESETS[name] for name in ("logto", "nist", "off"))


def sent(state: State, policy: Policy, code: str, now: int = NOW, usage_type: str = "SignIn") -> State:
    issued = issue(state, policy, "own", usage_type, {"id": f"id-{code}", "digest": code}, now)
    return settle(issued, policy, usage_type, f"id-{code}", now, sent=True)


def typed(state: State, policy: Policy, code: str, now: int = NOW, usage_type: str = "SignIn") -> Checked:
    return check(state, lambda _: policy, usage_type, lambda kept: bool(kept["digest"] == code), now)


def wrong(state: State, policy: Policy, times: int, now: int = NOW) -> State:
    for _ in range(times):
        checked = typed(state, policy, "wrong", now)
        assert checked.verdict is Verdict.CODE_MISMATCH
        state = checked.state
    return state


def test_a_right_code_is_right_once() -> None:
    first = typed(sent({}, LOGTO, "111111"), LOGTO, "111111")
    assert first.verdict is Verdict.VERIFIED
    assert typed(first.state, LOGTO, "111111").verdict is Verdict.NOT_FOUND


def test_the_tenth_wrong_code_is_the_last() -> None:
    state = wrong(sent({}, LOGTO, "111111"), LOGTO, 10)
    assert typed(state, LOGTO, "111111").verdict is Verdict.EXCEED_MAX_TRY
    assert typed(wrong(sent({}, LOGTO, "111111"), LOGTO, 9), LOGTO, "111111").verdict is Verdict.VERIFIED


def test_a_code_expires_a_millisecond_after_its_lifetime() -> None:
    state = sent({}, LOGTO, "111111")
    assert typed(state, LOGTO, "111111", NOW + 10 * MINUTE).verdict is Verdict.VERIFIED
    assert typed(state, LOGTO, "111111", NOW + 10 * MINUTE + 1).verdict is Verdict.EXPIRED


def test_expiry_is_asked_before_the_tries_and_the_tries_before_the_code() -> None:
    state = wrong(sent({}, LOGTO, "111111"), LOGTO, 10)
    assert typed(state, LOGTO, "wrong", NOW + 11 * MINUTE).verdict is Verdict.EXPIRED
    assert typed(state, LOGTO, "wrong").verdict is Verdict.EXCEED_MAX_TRY


def test_a_new_code_replaces_the_older_one_of_its_type_only() -> None:
    state = sent(sent(sent({}, LOGTO, "111111"), LOGTO, "222222"), LOGTO, "333333", usage_type="Register")
    assert typed(state, LOGTO, "111111").verdict is Verdict.CODE_MISMATCH
    assert typed(state, LOGTO, "222222").verdict is Verdict.VERIFIED
    assert typed(state, LOGTO, "333333", usage_type="Register").verdict is Verdict.VERIFIED


def test_with_logto_a_new_code_has_all_its_tries_and_with_nist_the_count_goes_on() -> None:
    strict = replace(NIST, tries_per_recipient=10, try_waits=())
    for policy, verdict in ((LOGTO, Verdict.VERIFIED), (strict, Verdict.LOCKED)):
        state = sent(wrong(sent({}, policy, "111111"), policy, 9), policy, "222222")
        state = wrong(state, policy, 1)
        assert typed(state, policy, "222222").verdict is verdict


def test_with_nist_a_right_code_ends_the_count() -> None:
    state = typed(wrong(sent({}, NIST, "111111"), NIST, 2), NIST, "111111").state
    assert state == {}


def test_with_nist_the_waits_after_wrong_codes_grow_up_to_an_hour() -> None:
    state, now, waits = sent({}, NIST, "0"), NOW, []
    for count in range(1, 13):
        state = typed(state, NIST, "wrong", now).state
        blocked = typed(state, NIST, "0", now)
        if blocked.verdict is Verdict.LOCKED:
            assert blocked.refusal is not None
            assert blocked.refusal.rule == "try_wait"
            waits.append(blocked.refusal.retry_after(now))
            now = blocked.refusal.until or now
        state = sent(state, NIST, f"{count}", now)
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_with_nist_a_hundred_failures_end_it_for_good() -> None:
    state = {**sent({}, NIST, "111111"), "failed": 100, "failedAt": NOW}
    for now in (NOW, NOW + 365 * 86_400_000):
        blocked = typed(state, NIST, "111111", now)
        assert (blocked.verdict, blocked.refusal) == (Verdict.LOCKED, Refusal("lock", None))


def test_a_lock_that_has_an_end_ends_and_the_count_begins_anew() -> None:
    policy = Policy(tries_per_recipient=2, lock_seconds=60)
    state = wrong(sent({}, policy, "111111"), policy, 2)
    assert typed(state, policy, "111111", NOW + MINUTE - 1).verdict is Verdict.LOCKED
    again = typed(state, policy, "wrong", NOW + MINUTE)
    assert (again.verdict, again.tries_left) == (Verdict.CODE_MISMATCH, 1)
    assert typed(state, policy, "111111", NOW + MINUTE).verdict is Verdict.VERIFIED


def test_nothing_is_counted_while_it_is_locked() -> None:
    policy = Policy(tries_per_recipient=2, lock_seconds=60)
    state = wrong(sent({}, policy, "111111"), policy, 2)
    assert typed(state, policy, "wrong").state is state


def test_with_off_there_is_no_end_of_tries_and_time() -> None:
    state = wrong(sent({}, OFF, "111111"), OFF, 200)
    assert typed(state, OFF, "111111", NOW + 10**12).verdict is Verdict.VERIFIED


def test_the_eleventh_send_waits_until_the_first_is_ten_minutes_old() -> None:
    state: State = {}
    for count in range(10):
        assert refusal(state, LOGTO, {}, NOW + count) is None
        state = sent(state, LOGTO, f"{count}", NOW + count)
    found = refusal(state, LOGTO, {}, NOW + 10)
    assert found is not None
    assert (found.rule, found.until, found.retry_after(NOW + 10)) == ("recipient", NOW + 10 * MINUTE, 600)
    assert refusal(state, LOGTO, {}, NOW + 10 * MINUTE) is None
    assert refusal(sent(state, LOGTO, "x", NOW + 10 * MINUTE), LOGTO, {}, NOW + 10 * MINUTE) is not None


@pytest.mark.parametrize("policy", [LOGTO, replace(LOGTO, failed_send_keeps_older=True), NIST])
def test_a_send_that_certainly_failed_does_not_count(policy: Policy) -> None:
    before = sent({}, policy, "111111")
    now = NOW + 60 * MINUTE
    during = issue(before, policy, "own", "SignIn", {"id": "b", "digest": "222222"}, now)
    after = settle(during, policy, "SignIn", "b", now, sent=False)
    assert "b" not in after.get("unanswered", {})
    assert [now, 1] not in after.get("sends", [])
    assert refusal(after, policy, {}, now) is None


def test_a_send_that_certainly_failed_leaves_the_older_code_or_as_logto_does_none() -> None:
    kept = replace(LOGTO, failed_send_keeps_older=True)
    for policy, verdict in ((LOGTO, Verdict.CODE_MISMATCH), (kept, Verdict.VERIFIED)):
        state = issue(sent({}, policy, "111111"), policy, "own", "SignIn", {"id": "b", "digest": "222222"}, NOW)
        state = settle(state, policy, "SignIn", "b", NOW, sent=False)
        assert typed(state, policy, "111111").verdict is verdict


def test_a_send_that_failed_late_takes_back_itself_and_no_other_of_that_moment() -> None:
    policy = Policy(resend_waits=(30,))
    state = issue({}, policy, "own", "SignIn", {"id": "a", "digest": "111111"}, NOW)
    state = typed(state, policy, "111111").state
    state = issue(state, policy, "own", "SignIn", {"id": "b", "digest": "222222"}, NOW)
    state = settle(state, policy, "SignIn", "a", NOW, sent=False)
    assert refusal(state, policy, {}, NOW) == Refusal("resend_wait", NOW + 30_000)


def test_while_a_send_goes_on_its_code_is_the_one_that_counts() -> None:
    state = issue(sent({}, NIST, "111111"), NIST, "own", "SignIn", {"id": "b", "digest": "222222"}, NOW)
    assert typed(state, NIST, "222222").verdict is Verdict.VERIFIED
    assert typed(state, NIST, "111111").verdict is Verdict.CODE_MISMATCH


def test_sends_that_overlap_do_not_pile_up() -> None:
    state: State = {}
    for count in range(100):
        state = issue(state, NIST, "own", "SignIn", {"id": f"{count}", "digest": f"{count}"}, NOW)
    assert [code["id"] for code in state["codes"]["SignIn"]] == [f"{count}" for count in range(92, 100)]
    assert typed(state, NIST, "99").verdict is Verdict.VERIFIED


def test_the_resend_waits_grow_and_a_right_code_ends_them() -> None:
    policy = Policy(resend_waits=(30, 60))
    state, now = sent({}, policy, "0"), NOW
    for wait in (30, 60, 60, 60):
        found = refusal(state, policy, {}, now)
        assert found == Refusal("resend_wait", now + wait * 1000)
        now += wait * 1000
        state = sent(state, policy, f"{now}", now)
    state = typed(state, policy, f"{now}", now).state
    assert refusal(state, policy, {}, now) is None


def test_the_rule_that_is_longest_in_the_way_is_told() -> None:
    policy = Policy(resend_waits=(30,), windows=(Window(By.ADDRESS, 1, 10), Window(By.ALL, 1, 90)))
    state, others = sent({}, policy, "0"), {By.ADDRESS: [[NOW, 1]], By.ALL: [[NOW - 20_000, 1]]}
    assert refusal(state, policy, others, NOW) == Refusal("all", NOW + 70_000)
    assert refusal(state, policy, {}, NOW) == Refusal("resend_wait", NOW + 30_000)


def test_a_clock_that_was_moved_back_blocks_nobody_for_long() -> None:
    policy = replace(NIST, windows=LOGTO.windows, tries_per_recipient=2, lock_seconds=60)
    state = wrong(sent({}, policy, "111111"), policy, 2)
    a_year_ago = NOW - 365 * 86_400_000
    assert refusal(state, policy, {}, a_year_ago) is None
    assert typed(state, policy, "111111", a_year_ago).verdict is Verdict.VERIFIED


def test_only_a_state_that_says_nothing_any_more_is_forgettable() -> None:
    state = sent({}, LOGTO, "111111")
    used = typed(state, LOGTO, "111111").state
    assert not forgettable(state, [LOGTO], NOW + 10**9)
    assert not forgettable(used, [LOGTO], NOW)
    assert forgettable(used, [LOGTO], NOW + 10 * MINUTE)
    assert not forgettable({"failed": 1, "failedAt": NOW}, [LOGTO], NOW + 10**9)


@given(
    sends=st.lists(st.integers(0, 20), max_size=400),
    window=st.builds(
        Window, st.just(By.ALL), st.sampled_from([1, 5, 100, 101, 200]), st.sampled_from([0.05, 1, 5])
    ),
)
def test_no_window_ever_lets_one_too_many_through(sends: list[int], window: Window) -> None:
    history: list[list[int]] = []
    went: list[int] = []
    now = NOW
    for step in sends:
        now += step
        if free_at(history, window, now) == now:
            history = added(history, [window], now)
            went.append(now)
            assert len([at for at in went if now - at < window.seconds * 1000]) <= window.sends
        elif window.sends <= 100:
            assert len([at for at in went if now - at < window.seconds * 1000]) == window.sends
        else:
            # A hundredth of the window late, at most.
            late = now - window.seconds * 10
            assert len([at for at in went if late - at < window.seconds * 1000]) >= window.sends
    assert len(history) <= max(window.sends, 102)


def test_taking_a_send_back_makes_room_for_one() -> None:
    window = Window(By.ALL, 2, 1)
    history = added(added([], [window], NOW), [window], NOW)
    assert history == [[NOW, 2]]
    assert free_at(history, window, NOW) == NOW + 1000
    once = removed(history, [window], NOW)
    assert once == [[NOW, 1]]
    assert removed(once, [window], NOW) == []
    assert removed(once, [window], NOW - 1) == once


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_work(name: str) -> None:
    assert list(problems(PRESETS[name])) == []


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"length": 0}, "length", "from 1 to 32"),
        ({"length": 33}, "length", "from 1 to 32"),
        ({"length": 2}, "length", "100 codes are too few: with 10 tries"),
        ({"length": 3, "tries_per_code": 11}, "length", "1,000 codes are too few: with 11 tries"),
        ({"length": 4, "tries_per_code": None, "tries_per_recipient": 101}, "length", "too few: with 101 tries"),
        ({"length": 6, "alphabet": "AB"}, "length", "64 codes are too few"),
        ({"alphabet": ""}, "alphabet", "must be of A-Z"),
        ({"alphabet": "7"}, "alphabet", "two characters"),
        ({"alphabet": "0123456789-"}, "alphabet", "must be of A-Z"),
        ({"alphabet": "０１２３"}, "alphabet", "must be of A-Z"),
        ({"alphabet": "01234567890"}, "alphabet", "twice"),
        ({"tries_per_code": 0}, "tries_per_code", "no code could ever be right"),
        ({"tries_per_recipient": 0}, "tries_per_recipient", "no code could ever be right"),
        ({"lock_seconds": 60.0}, "lock_seconds", "nothing without tries_per_recipient"),
        ({"lifetime_seconds": 0.0}, "lifetime_seconds", "more than 0"),
        ({"lifetime_seconds": float("inf")}, "lifetime_seconds", "at most"),
        ({"lifetime_seconds": 30.0, "resend_waits": (60.0,)}, "lifetime_seconds", "before another may be sent"),
        ({"lifetime_seconds": 30.0, "try_waits": (30.0,)}, "lifetime_seconds", "before a second try"),
        ({"resend_waits": (60.0, 30.0)}, "resend_waits", "must not become shorter"),
        ({"resend_waits": (-1.0,)}, "resend_waits", "from 0 to"),
        ({"try_waits": (float("nan"),)}, "try_waits", "from 0 to"),
        ({"try_waits": (1.0,) * 33}, "try_waits", "at most 32"),
        ({"windows": (Window(By.ALL, 0, 60),)}, "windows.0.sends", "never lets a send through"),
        ({"windows": (Window(By.ALL, 1, 0),)}, "windows.0.seconds", "more than 0"),
        ({"windows": (Window(By.ALL, 1, 9), Window(By.ALL, 2, 9))}, "windows.1", "another one by all"),
    ],
)
def test_a_policy_that_cannot_work_is_told_why(changes: dict[str, object], key: str, words: str) -> None:
    ((found, text),) = problems(replace(Policy(), **changes))  # type: ignore[arg-type]  # of many types
    assert found == key
    assert words in text
