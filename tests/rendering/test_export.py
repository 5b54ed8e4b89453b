"""What is exported makes, in the other dialect, the mail that we would have made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.core.data_files import folder
from gateway.core.model import Channel, UsageType
from gateway.rendering import Renderer, TemplateError
from gateway.rendering.export import export_email
from gateway.rendering.logto import handlebars
from gateway.rendering.senders import own_content

BUILT_IN = Renderer([folder("templates")])
GIVEN = ("application.name", "organization.name")
PAYLOADS: list[dict[str, Any]] = [
    {"code": "135790", "link": "https://example.com/i/9"},
    {"code": "X", "link": "https://example.com/", "application": {"name": "商店"}, "organization": {"name": "Org"}},
]


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("usage_type", UsageType)
@pytest.mark.parametrize("given", [(), GIVEN], ids=["code alone", "with names"])
def test_it_renders_to_the_same_mail(usage_type: UsageType, locale: str, given: tuple[str, ...]) -> None:
    made = export_email(BUILT_IN, usage_type, locale, given)
    payload = PAYLOADS[bool(given)]
    known = {
        name: payload[name]
        for name in payload
        if name not in {"code", "link"}
        or name == ("link" if usage_type is UsageType.ORGANIZATION_INVITATION else "code")
    }
    ours = BUILT_IN.render(usage_type, Channel.EMAIL, known, locale)
    logto = made.for_logto()
    theirs = own_content(logto["subject"], logto["content"], payload)
    assert (theirs.subject, theirs.html) == (ours.subject, ours.html)
    parts = made.for_ses()["TemplateContent"]
    assert [handlebars(parts[name], payload) for name in ("Subject", "Text", "Html")] == [
        ours.subject,
        ours.text,
        ours.html,
    ]


def test_conditions_are_decided_and_what_they_asked_for_is_told() -> None:
    made = export_email(BUILT_IN, UsageType.SIGN_IN, "en")
    assert "application.name" in made.absent
    assert "organization.name" in made.absent  # the layout asks
    assert "application" not in (made.content.html or "")
    named = export_email(BUILT_IN, UsageType.SIGN_IN, "en", ["application.name"])
    assert "sign in to {{application.name}}:" in named.content.text
    assert "application.name" not in named.absent


REFUSED = [
    "{{ code | reverse }}",
    "{% if code == '246810' %}x{% endif %}{{ code }}",
    "{% for digit in code %}{{ digit }} {% endfor %}",
    "{{ code[0] }}{{ code }}",
    "{% if code | length > 6 %}long{% endif %}{{ code }}",
]


@pytest.mark.parametrize("body", REFUSED)
def test_more_than_showing_a_variable_is_refused_with_its_line(tmp_path: Path, body: str) -> None:
    file = tmp_path / "email/en/SignIn.j2"
    file.parent.mkdir(parents=True)
    file.write_text(
        '{% extends "email/layout.j2" %}\n{% block subject %}s{% endblock %}\n'
        f"{{% block html %}}\n<p>{body}</p>\n{{% endblock %}}",
        encoding="utf-8",
    )
    with pytest.raises(TemplateError, match=r"email/en/SignIn.j2, line 4: .* can only show code") as raised:
        export_email(Renderer([tmp_path, folder("templates")]), UsageType.SIGN_IN, "en")
    assert raised.value.data["line"] == 4


def test_a_name_below_another_that_is_given_is_refused() -> None:
    with pytest.raises(TemplateError, match="code is itself a value"):
        export_email(BUILT_IN, UsageType.SIGN_IN, "en", ["code.x"])
