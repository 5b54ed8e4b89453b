"""Templates of strangers: each ends soon, with an error that says why, and nothing of the payload."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from gateway.core.data_files import folder
from gateway.core.model import UsageType
from gateway.rendering import Renderer, TemplateError, bounded
from gateway.rendering.preview_service import Previews
from gateway.rendering.senders import Mailbox
from tests.rendering.conftest import ALIYUN
from tests.support.tiers import nth_fast

SECRET = "the-payload"


async def ask(source: str) -> str:
    previews = Previews(Renderer([folder("templates")]))
    payload = {"code": SECRET}
    made = await previews.unsaved(UsageType.SIGN_IN, ALIYUN, source, None, payload)
    return str(made["text"])


@pytest.mark.parametrize(
    "source",
    nth_fast(["Code {{ code }}", '{% extends "sms/layout.j2" %}{% block text %}Code {{ code }}{% endblock %}'], 2),
    ids=["text alone", "whole"],
)
async def test_a_source_is_the_text_alone_or_a_whole_template(source: str) -> None:
    assert await ask(source) == f"Code {SECRET}"


QUICK = {
    "a long range": ("{% for i in range(10**9) %}{% endfor %}", "line 1: OverflowError"),
    "work while it is compiled": ("{{ 'a' * 10**11 }}", "line 1: MemoryError"),
    "a filter while it is compiled": ("\n{{ 'a'|center(10**11) }}", "line 2: MemoryError"),
    "nesting": ("{{ " + "(" * 9000 + "1" + ")" * 9000 + " }}", "nested too deeply"),
    "a macro without end": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"),
    "a long text": ("{{ 'ab' * 20000 }}", "makes 40000 characters"),
    "a file of the machine": ("{% include '../../../etc/passwd' %}", "which is nowhere"),
    "syntax": ("a\n{% if %}", "line 2: "),
    "arithmetic": ("\n{{ code / 0 }}", "line 2: TypeError"),
}


@pytest.mark.parametrize("name", nth_fast(QUICK, 5))
async def test_a_hostile_source_is_refused(name: str) -> None:
    source, words = QUICK[name]
    with pytest.raises(TemplateError, match=words) as raised:
        await ask(source)
    assert SECRET not in raised.value.message


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        pytest.param(
            "{% set a = 'a' * 10**8 %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{{ a }}", marks=pytest.mark.slow
        ),
    ],
    ids=["loops", "memory"],
)
async def test_work_without_end_is_ended(source: str) -> None:
    start = time.process_time()
    with pytest.raises(TemplateError, match=r"takes (longer|more memory) than a preview may|MemoryError"):
        await ask(source)
    assert time.process_time() - start < 1  # it was another process's time


async def test_a_child_whose_asker_is_gone_ends_with_it() -> None:
    """The timeout comes out only when the child is dead; then the next one finds a free place."""
    previews = Previews(Renderer([folder("templates")]))
    endless = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await previews.unsaved(UsageType.SIGN_IN, ALIYUN, endless, None, {})
    made = await previews.unsaved(UsageType.SIGN_IN, ALIYUN, "1", None, {})
    assert made["text"] == "1"


def test_a_child_that_ends_in_another_way_is_one_that_took_too_long() -> None:
    with pytest.raises(TemplateError, match="takes longer"):
        bounded.result(None, b"")
    with pytest.raises(TemplateError, match="takes longer"):
        bounded.result(-24, b"")
    with pytest.raises(TemplateError, match="more memory"):
        bounded.result(bounded.MEMORY, b"")


def without(*lines: str) -> tuple[str, ...]:
    """The command of a child that runs some lines first."""
    main = "from gateway.rendering.bounded import main; sys.exit(main())"
    return sys.executable, "-P", "-c", "; ".join(("import signal, sys", *lines, main))


@pytest.mark.parametrize(
    "lines",
    [("sys.modules['resource'] = None",), ("sys.modules['resource'] = None", "del signal.setitimer")],
    ids=["no resource", "no resource and no timer"],
)
def test_a_system_without_limits_of_its_own_makes_previews_too(lines: tuple[str, ...]) -> None:
    renderer = Renderer([folder("templates")])
    asked = bounded.question(renderer, UsageType.SIGN_IN, ALIYUN, "Code {{ code }}", None, {"code": SECRET})
    child = subprocess.run(without(*lines), input=asked, capture_output=True, timeout=30, check=False)
    assert bounded.result(child.returncode, child.stdout)["text"] == f"Code {SECRET}"


def test_the_timer_ends_a_child_without_the_module_resource() -> None:
    endless = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    asked = bounded.question(Renderer([folder("templates")]), UsageType.SIGN_IN, ALIYUN, endless, None, {})
    command = without("sys.modules['resource'] = None")
    child = subprocess.run(command, input=asked, capture_output=True, timeout=30, check=False)
    assert child.returncode == -signal.SIGPROF
    with pytest.raises(TemplateError, match="takes longer"):
        bounded.result(child.returncode, child.stdout)


MAIL = (
    '{% extends "email/layout.j2" %}{% block subject %}Code {{ code }}{% endblock %}'
    "{% block html %}<p>{{ code }}</p>{% endblock %}"
)


async def test_an_unsaved_email_is_shown_with_its_css_inlined() -> None:
    previews = Previews(Renderer([folder("templates")]))
    mailbox = Mailbox("aws-ses", "a@x.example")
    made = await previews.unsaved(UsageType.SIGN_IN, mailbox, MAIL, "zh-CN", {"code": "135790"})
    assert (made["subject"], made["from"], made["servedLocale"]) == ("Code 135790", "a@x.example", "zh-CN")
    assert '<p style="' in made["html"]
    assert [one["rule"] for one in made["findings"]] == ["no-text", "no-preheader"]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("{{ 'ab' * 300000 }}", "makes 6[0-9]+ characters"),
        pytest.param("{{ ('<p ' * 10**7) | safe }}", "takes (longer|more memory)|makes", marks=pytest.mark.slow),
        pytest.param(
            "<style>{% for i in range(9999) %}p p p p{color:red}{% endfor %}</style>{{ ('<p>' * 9999) | safe }}",
            "takes",
            marks=pytest.mark.slow,
        ),
    ],
    ids=["long", "tags", "rules"],
)
async def test_a_hostile_email_is_refused(html: str, words: str) -> None:
    previews = Previews(Renderer([folder("templates")]))
    source = MAIL.replace("<p>{{ code }}</p>", html)
    with pytest.raises(TemplateError, match=words):
        await previews.unsaved(UsageType.SIGN_IN, Mailbox(""), source, None, {"code": SECRET})
