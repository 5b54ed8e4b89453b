"""gateway preview: what it prints, what it finds, how it exits."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest
from click.testing import Result

from gateway.cli.preview import changes, file_states
from tests.cli.command_line import GATEWAY, PATIENCE, environment
from tests.cli.command_line import run as process
from tests.cli.conftest import Run

LATIN = """\
connectors:
  - id: latin
    factory: aliyun-short-message-service
    config:
      accessKeyId: a
      accessKeySecret: b
      signName: Sandbox
      templates:
        - {usageType: SignIn, templateCode: SMS_1}
        - {usageType: Register, templateCode: SMS_1}
        - {usageType: ForgotPassword, templateCode: SMS_1}
        - {usageType: Generic, templateCode: SMS_1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Templates of one's own, empty so far."""
    (tmp_path / "mine" / "sms" / "en").mkdir(parents=True)
    return tmp_path / "mine"


@pytest.fixture
def latin(tmp_path: Path) -> str:
    (tmp_path / "gateway.yaml").write_text(LATIN, encoding="utf-8")
    return str(tmp_path / "gateway.yaml")


def write(folder: Path, text: str) -> Path:
    """At once, as editors do it: nobody sees half a file."""
    file = folder / "sms" / "en" / "SignIn.j2"
    source = '{% extends "sms/layout.j2" %}\n{% block text %}\n' + text + "\n{% endblock %}\n"
    file.with_suffix(".new").write_text(source, encoding="utf-8")
    return file.with_suffix(".new").replace(file)


def words(result: Result) -> str:
    return " ".join(result.stdout.split())


def test_a_chinese_template_is_shown_as_on_the_phone(run: Run) -> None:
    shown = words(run("preview", "SignIn", "--channel", "sms", "--locale", "zh-CN"))
    assert "sms/zh-CN/SignIn.j2 (built-in)" in shown
    assert "【网关沙盒】您的登录验证码为246810，10分钟内有效。" in shown
    assert "segments 1 (43 units, 70 in each, 27 left)" in shown


def test_what_forced_ucs2_is_named_with_its_place_and_the_fix(run: Run, folder: Path, latin: str) -> None:
    write(folder, "It’s {{ code }}")
    shown = words(run("preview", "signin", "--templates", str(folder), "--config", latin))
    assert "(overlay)" in shown
    assert "UCS-2 (because of '【' at 1, '】' at 9, '’' at 12)" in shown
    assert "sms/en/SignIn.j2:3: warning:" in shown
    assert "[accidental-ucs2]" in shown


def test_a_payload_of_ones_own_fills_it_in(run: Run, tmp_path: Path, latin: str) -> None:
    file = tmp_path / "payload.json"
    file.write_text('{"code": "975310"}', encoding="utf-8")
    assert "is 975310." in words(run("preview", "Generic", "--payload", str(file), "--config", latin))


def test_json_is_the_preview_as_the_api_has_it(run: Run, latin: str) -> None:
    made: dict[str, Any] = json.loads(
        run("preview", "SignIn", "--json", "--config", latin, "--connector", "latin").stdout
    )
    assert (made["onPhone"][:9], made["segments"]["encoding"], made["findings"]) == ("[Sandbox]", "GSM-7", [])


def test_all_of_them_are_listed_and_what_is_common_is_said_once(run: Run) -> None:
    result = run("preview", "--all", "--check")
    assert result.exit_code == 0
    assert "(and in 8 more) [sign-name-ucs2]" in result.stdout
    assert result.stdout.endswith("templates: 36, errors: 0, warnings: 9\n")


@pytest.mark.slow
def test_all_of_one_locale_as_json(run: Run) -> None:
    found = json.loads(run("preview", "--all", "--locale", "zh-CN", "--json").stdout)
    assert [(one["channel"], one["servedLocale"]) for one in found["previews"]] == [
        *[("sms", "zh-CN")] * 9,
        *[("email", "zh-CN")] * 9,
    ]
    assert found["findings"] == []


@pytest.mark.parametrize("which", ["--all", "SignIn"])
def test_check_exits_with_1_on_an_error_and_without_it_0(run: Run, folder: Path, which: str) -> None:
    write(folder, "Hello")
    options = ("--templates", str(folder), "--locale", "en")
    assert run("preview", which, *options).exit_code == 0
    result = run("preview", which, "--check", *options)
    assert result.exit_code == 1
    assert "sms/en/SignIn.j2:1: error: a message of type SignIn must show the code" in result.stdout


def test_a_broken_template_is_a_finding_and_not_a_traceback(run: Run, folder: Path) -> None:
    write(folder, "{% if %}")
    result = run("preview", "--all", "--check", "--templates", str(folder), "--locale", "en")
    assert result.exit_code == 1
    assert "sms/en/SignIn.j2:3: error:" in result.stdout
    assert "broken" in result.stdout


WRONG = [
    ((), "say which one"),
    (("SignIn", "--all"), "say which one"),
    (("SignUp",), "SignUp"),
    (("SignIn", "--open"), "--channel email"),
    (("--all", "--channel", "email", "--out", "x.html"), "one TYPE"),
    (("--all", "--connector", "sms"), "add --channel"),
    (("SignIn", "--channel", "email", "--out", "no/where.html"), "--out"),
    (("SignIn", "--connector", "nobody"), "there are: sms"),
    (("SignIn", "--templates", "nowhere"), "must be a folder"),
    (("SignIn", "--config", "nowhere.yaml"), "no such file"),
    (("--all", "--payload", __file__), "not with --all"),
    (("SignIn", "--payload", __file__), "not JSON"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_wrong_command_line_is_named(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("preview", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


# --- email --------------------------------------------------------------------------------------------------


def test_an_email_is_shown_with_its_parts(run: Run) -> None:
    shown = words(run("preview", "SignIn", "--channel", "email", "--locale", "zh-CN"))
    assert "email/zh-CN/SignIn.j2 (built-in)" in shown
    assert "subject 您的登录验证码为 246810" in shown
    assert "preheader 10 分钟内有效。" in shown
    assert "bytes" in shown


def test_the_html_of_an_email_is_written_as_it_is_sent(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mail.html"
    result = run("preview", "SignIn", "--channel", "email", "--out", str(file), "--json")
    made = json.loads(result.stdout)
    assert file.read_text(encoding="utf-8") == made["html"]
    assert len(file.read_bytes()) == made["bytes"]
    assert f"written: {file}" in result.stderr


def test_an_email_that_is_broken_is_a_finding_and_writes_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    broken = folder / "email" / "en" / "SignIn.j2"
    broken.parent.mkdir(parents=True)
    broken.write_text("\n{% if %}", encoding="utf-8")
    file = tmp_path / "mail.html"
    options = ("--channel", "email", "--templates", str(folder), "--check")
    result = run("preview", "SignIn", *options, "--out", str(file))
    assert result.exit_code == 1
    assert "email/en/SignIn.j2:2: error:" in result.stdout
    assert not file.exists()
    everything = run("preview", "--all", *options)
    assert everything.exit_code == 1
    assert "en       SignIn                   broken" in everything.stdout


@pytest.mark.slow  # a process of its own
def test_open_writes_a_file_and_gives_it_to_the_browser(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    command = ("preview", "Register", "--channel", "email", "--open")
    done = process(*command, cwd=tmp_path, BROWSER=str(browser), TMPDIR=str(tmp_path))
    assert done.returncode == 0
    (file,) = tmp_path.glob("gateway-preview-*/Register.html")
    assert f"written: {file}" in done.stderr
    assert "<!DOCTYPE html>" in file.read_text(encoding="utf-8")
    assert (tmp_path / "opened").read_text(encoding="utf-8").strip() == file.as_uri()


PAUSES = ["nothing", "edit", "nothing", "add", "remove", "another file", "nothing", "edit again"]


def test_a_change_is_seen_at_the_next_look_and_only_then(folder: Path) -> None:
    file = write(folder, "1")
    done = ["start"]

    def pause() -> None:
        done.append(PAUSES[len(done) - 1])
        match done[-1]:
            case "edit":
                write(folder, "22")
            case "add":
                (folder / "sms" / "en" / "Generic.j2").write_text("x", encoding="utf-8")
            case "remove":
                file.unlink()
            case "another file":
                (folder / "notes.txt").write_text("x", encoding="utf-8")
            case "edit again":
                file.write_text("y", encoding="utf-8")

    seen = changes([folder, folder / "missing.json"], pause)
    at = [done[-1] for _ in islice(seen, 5)]
    assert at == ["start", "edit", "add", "remove", "edit again"]
    assert sorted(file_states([folder])) == sorted(str(path) for path in folder.rglob("*.j2"))


@pytest.mark.slow
def test_watch_shows_it_again_when_the_file_changes_and_survives_a_broken_one(folder: Path) -> None:
    write(folder, "one {{ code }}")
    command = [*GATEWAY, "preview", "SignIn", "--watch", "--json", "--templates", str(folder)]
    with Popen(
        command, env=environment(PYTHONUNBUFFERED="1"), stdout=PIPE, cwd=folder, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        try:
            assert json.loads(process.stdout.readline())["text"] == "one 246810"
            write(folder, "{% if %}")
            assert json.loads(process.stdout.readline())["findings"][0]["rule"] == "syntax"
            write(folder, "three {{ code }}")
            assert json.loads(process.stdout.readline())["text"] == "three 246810"
        finally:
            process.terminate()
            process.wait(PATIENCE)
