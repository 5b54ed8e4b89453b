"""The rules of one-time codes. Pure: no I/O, no randomness, and the time is an argument.

``policy`` the rules as data, the presets, and which policies cannot work · ``windows`` how many sends fit in a
period of time · ``recipient`` the state of one recipient: issue, settle, check · ``typed`` a code as a person
types it.

Times are whole milliseconds of the gateway's clock since the epoch, so that a boundary is exact. State is plain
JSON. It is never changed in place: a function returns the new state.
"""

from __future__ import annotations

from gateway.verification.rules.policy import PRESETS, By, Policy, Window, problems
from gateway.verification.rules.recipient import (
    Checked,
    State,
    Verdict,
    check,
    forgettable,
    issue,
    refusal,
    resend_at,
    settle,
    tries_left,
)
from gateway.verification.rules.typed import LONGEST_TYPED, read
from gateway.verification.rules.windows import (
    Histories,
    History,
    Refusal,
    added,
    milliseconds,
    removed,
    seconds,
)

__all__ = [
    "LONGEST_TYPED",
    "PRESETS",
    "By",
    "Checked",
    "Histories",
    "History",
    "Policy",
    "Refusal",
    "State",
    "Verdict",
    "Window",
    "added",
    "check",
    "forgettable",
    "issue",
    "milliseconds",
    "problems",
    "read",
    "refusal",
    "removed",
    "resend_at",
    "seconds",
    "settle",
    "tries_left",
]
