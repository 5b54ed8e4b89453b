"""A folder of templates over the built-in ones, and previews of what is in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.core.data_files import folder
from gateway.core.model import Channel, UsageType
from gateway.rendering import Renderer
from gateway.rendering.preview import Preview, preview
from gateway.rendering.senders import Sender

ALIYUN = Sender("aliyun-sms", "Sandbox")
NOBODY = Sender("")

Show = Callable[..., Preview]


@pytest.fixture
def overlay(tmp_path: Path) -> Renderer:
    return Renderer([tmp_path, folder("templates")])


@pytest.fixture
def show(overlay: Renderer, tmp_path: Path) -> Show:
    """``show("Code {{ code }}", locale="en")``: write it as the text of SignIn, and preview that."""

    def write_and_preview(body: str, usage_type: UsageType = UsageType.SIGN_IN, **more: Any) -> Preview:
        sender = more.pop("sender", ALIYUN)
        file = tmp_path / "sms" / (more.get("locale") or "en") / f"{usage_type}.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        source = '{% extends "sms/layout.j2" %}\n{% block text %}\n' + body + "\n{% endblock %}\n"
        file.write_text(source, encoding="utf-8")
        return preview(overlay, usage_type, Channel.SMS, sender, **more)

    return write_and_preview
