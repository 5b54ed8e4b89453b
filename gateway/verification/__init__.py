"""Verification: request a code for a phone number or an email address, have it delivered, check it.

``flow`` the two steps · ``states`` what is kept of them, with compare-and-swap · ``sealing`` what is kept of a code
and a recipient: a keyed hash · ``making`` where codes come from · ``pins`` codes that are known beforehand ·
``locks`` who waits for whom · ``errors`` what can go wrong, as Logto says it.
"""

from __future__ import annotations

from gateway.verification.flow import Passed, Requested, Settings, Verification
from gateway.verification.pins import Pin, Pins
from gateway.verification.states import PREFIXES

__all__ = ["PREFIXES", "Passed", "Pin", "Pins", "Requested", "Settings", "Verification"]
