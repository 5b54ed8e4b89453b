"""The message tag in which our own driver carries the message id."""

from __future__ import annotations

MESSAGE_TAG = "gateway-message"
