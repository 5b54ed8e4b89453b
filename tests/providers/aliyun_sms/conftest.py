"""What the tests of Aliyun's driver share."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def no_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK reads the system's certificates anew for each server: nine tenths of what a send costs."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
