"""Policies: the rules of one-time codes as data, the presets, and why a policy cannot work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

DIGITS = "0123456789"
LONGEST_CODE = 32
LONGEST_SECONDS = 31 * 86_400.0
MOST_WAITS = 32
# Random guesses, until the tries are used up, must fail 99 times in 100.
_CODES_PER_TRY = 100


class By(StrEnum):
    """What a window counts separately: each recipient, each client address, each country, or all sends together."""

    RECIPIENT = "recipient"
    ADDRESS = "address"
    COUNTRY = "country"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Window:
    """A rate limit: at most ``sends`` in any ``seconds``, counted ``by`` recipient, address or country."""

    by: By
    sends: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules for codes. None means no limit; durations are seconds.

    After ``tries_per_code`` wrong codes even the right code is refused. ``tries_per_recipient`` is counted across
    new codes until a code is right. If it is used up, no code is checked for ``lock_seconds`` (None: until the
    recipient is forgotten), and then counting starts again. ``try_waits[n]`` is the wait after the (n+1)th wrong
    code in a row, ``resend_waits[n]`` the wait after the (n+1)th send since the last right code; the last wait
    repeats. If ``failed_send_keeps_older`` is false, the older code is replaced even if the send certainly
    failed.
    """

    length: int = 6
    alphabet: str = DIGITS
    lifetime_seconds: float | None = 600.0
    tries_per_code: int | None = 10
    tries_per_recipient: int | None = None
    lock_seconds: float | None = None
    try_waits: tuple[float, ...] = ()
    resend_waits: tuple[float, ...] = ()
    windows: tuple[Window, ...] = ()
    failed_send_keeps_older: bool = True

    @property
    def codes(self) -> int:
        """The number of different codes."""
        count: int = len(self.alphabet) ** self.length
        return count

    def windows_by(self, by: By) -> tuple[Window, ...]:
        return tuple(window for window in self.windows if window.by is by)


_GROWING = (30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0)

PRESETS = {
    # Logto's defaults. Logto makes the new code before it sends, which ends the older code.
    "logto": Policy(windows=(Window(By.RECIPIENT, 10, 600.0),), failed_send_keeps_older=False),
    # NIST SP 800-63B-4, 3.1.3.2 and 3.2.2: at most 10 minutes; at most 100 failures in a row, not reset by a new
    # code, after which the authenticator is disabled; waits from 30 s up to an hour; success resets.
    "nist": Policy(tries_per_recipient=100, try_waits=(0.0, 0.0, *_GROWING), resend_waits=_GROWING),
    "off": Policy(lifetime_seconds=None, tries_per_code=None),
}


def problems(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield why a policy cannot work: the key that is wrong, and the reason. Nothing if it works."""
    yield from _of_codes(policy)
    yield from _of_tries(policy)
    yield from _of_times(policy)
    yield from _of_windows(policy.windows)


def _of_codes(policy: Policy) -> Iterator[tuple[str, str]]:
    if not 1 <= policy.length <= LONGEST_CODE:
        yield "length", f"must be from 1 to {LONGEST_CODE}"
        return
    if not (policy.alphabet.isascii() and policy.alphabet.isalnum()):
        yield "alphabet", "must be of A-Z, a-z and 0-9: others are typed in more ways than one"
    elif len(set(policy.alphabet)) < len(policy.alphabet):
        yield "alphabet", "has a character twice"
    elif len(policy.alphabet) < 2:
        yield "alphabet", "must have two characters or more"
    else:
        tries = policy.tries_per_code or policy.tries_per_recipient or 1
        if policy.codes < tries * _CODES_PER_TRY:
            lucky = f"with {tries} tries more than one guesser in {_CODES_PER_TRY} would find the right one"
            yield "length", f"{policy.codes:,} codes are too few: {lucky}"


def _of_tries(policy: Policy) -> Iterator[tuple[str, str]]:
    for key in ("tries_per_code", "tries_per_recipient"):
        tries = getattr(policy, key)
        if tries is not None and tries < 1:
            yield key, "must be at least 1: no code could ever be right"
    if policy.lock_seconds is not None and policy.tries_per_recipient is None:
        yield "lock_seconds", "does nothing without tries_per_recipient"


def _of_times(policy: Policy) -> Iterator[tuple[str, str]]:
    lifetime = policy.lifetime_seconds
    for key, seconds in (("lifetime_seconds", lifetime), ("lock_seconds", policy.lock_seconds)):
        if seconds is not None and not 0.001 <= seconds <= LONGEST_SECONDS:
            yield key, f"must be more than 0 and at most {LONGEST_SECONDS:,.0f} seconds"
    for key, waits in (("try_waits", policy.try_waits), ("resend_waits", policy.resend_waits)):
        if not all(0 <= seconds <= LONGEST_SECONDS for seconds in waits):
            yield key, f"must be from 0 to {LONGEST_SECONDS:,.0f} seconds each"
        elif len(waits) > MOST_WAITS:
            yield key, f"must be at most {MOST_WAITS}: the last of them repeats"
        elif any(later < sooner for sooner, later in pairwise(waits)):
            yield key, "must not become shorter"
        elif waits and lifetime is not None and waits[0] >= lifetime:
            after = "another may be sent" if key == "resend_waits" else "a second try is allowed"
            yield "lifetime_seconds", f"is over before {after}: {key} begins with {waits[0]:g} seconds"


def _of_windows(windows: Sequence[Window]) -> Iterator[tuple[str, str]]:
    seen = set[tuple[By, float]]()
    for at, window in enumerate(windows):
        if window.sends < 1:
            yield f"windows.{at}.sends", "must be at least 1: the window never lets a send through"
        if not 0.001 <= window.seconds <= LONGEST_SECONDS:
            yield f"windows.{at}.seconds", f"must be more than 0 and at most {LONGEST_SECONDS:,.0f} seconds"
        if (window.by, window.seconds) in seen:
            yield f"windows.{at}", f"there is another one by {window.by} of as many seconds"
        seen.add((window.by, window.seconds))
