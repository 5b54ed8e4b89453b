"""One-time codes that the gateway makes and checks itself, for phone numbers and email addresses.

``verification`` requests and checks a code · ``codes`` generates a code · ``states`` what the store keeps ·
``rules`` lifetimes, tries and rate limits, pure · ``errors`` Logto's error codes.

Imports ``delivery``, ``providers`` and the packages below them.
"""

from __future__ import annotations

from gateway.verification.codes import Pin, Pins
from gateway.verification.verification import Passed, Requested, Settings, Verification

__all__ = ["Passed", "Pin", "Pins", "Requested", "Settings", "Verification"]
