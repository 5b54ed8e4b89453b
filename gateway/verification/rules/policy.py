"""Policies: the rules of one-time codes as data, and why some of them cannot work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

DIGITS = "0123456789"
LONGEST_CODE = 32
LONGEST_SECONDS = 31 * 86_400.0
MOST_WAITS = 32
# Guessing at random until the tries are used up must fail 99 times in 100.
_CODES_PER_TRY = 100


class By(StrEnum):
    """What a window counts for itself: each recipient, each client address, each country, or all sends together."""

    RECIPIENT = "recipient"
    ADDRESS = "address"
    COUNTRY = "country"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``sends`` in any ``seconds``, of each that ``by`` names."""

    by: By
    sends: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for codes. None means that there is no such limit; durations are seconds.

    ``tries_per_code`` are wrong ones, after which even the right code is refused. ``tries_per_recipient`` counts on
    over new codes until one is right; then nothing is checked for ``lock_seconds`` (None: until somebody has the
    recipient forgotten), after which counting begins anew. ``try_waits[n]`` follows the (n+1)th wrong code in a
    row, ``resend_waits[n]`` the (n+1)th send since the last right one; the last of them repeats.
    ``failed_send_keeps_older``: a send that certainly failed takes nothing away; otherwise the older code is
    replaced all the same.
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
        """How many different codes there are."""
        count: int = len(self.alphabet) ** self.length
        return count

    def windows_by(self, by: By) -> tuple[Window, ...]:
        return tuple(window for window in self.windows if window.by is by)


_GROWING = (30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0)

PRESETS = {
    # Logto's defaults. It makes the new code, and so ends the older one, before it sends.
    "logto": Policy(windows=(Window(By.RECIPIENT, 10, 600.0),), failed_send_keeps_older=False),
    # NIST SP 800-63B-4, 3.1.3.2 and 3.2.2: at most 10 minutes, at most 100 failures in a row, which a new code does
    # not reset and after which the authenticator is disabled; waits from 30 s up to an hour; success resets.
    "nist": Policy(tries_per_recipient=100, try_waits=(0.0, 0.0, *_GROWING), resend_waits=_GROWING),
    "off": Policy(lifetime_seconds=None, tries_per_code=None),
}


def problems(policy: Policy) -> Iterator[tuple[str, str]]:
    """What keeps a policy from working: the key, and why. None of it: it works."""
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
