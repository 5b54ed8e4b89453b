"""``python -m tests.repo.registered_templates`` writes fixtures/aliyun_sms/templates.yaml from templates/sms."""

from __future__ import annotations

from gateway.core.data_files import folder
from gateway.providers.aliyun_sms.registered import Registered, registered
from gateway.rendering import Renderer

FILE = folder("fixtures") / "aliyun_sms" / "templates.yaml"
HEAD = """\
# The SMS templates that every Aliyun fake has registered: one for each usage type, for mainland numbers (China) and
# for all others. `code` is what a connector's templateCode names; `${code}` is filled from TemplateParam.
# Kinds: verification, notification, promotion (mainland numbers only), international (numbers abroad only).
# Aliyun lets no variable be a URL, so the invitation has no link.
# Made from templates/sms by `python -m tests.repo.registered_templates`: edit those.
templates:
"""


def page() -> str:
    made = registered(Renderer([folder("templates")]))
    at_home = [_row(one) for one in made if one.kind != "international"]
    abroad = [_row(one) for one in made if one.kind == "international"]
    return HEAD + "\n".join([*at_home, "", *abroad, ""])


def _row(one: Registered) -> str:
    return f'  - {{code: {one.code}, kind: {one.kind}, text: "{one.text}"}}'


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
