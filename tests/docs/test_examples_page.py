"""The example suites of docs/examples.md, copied somewhere else and run as a reader would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.test_examples import PATIENCE, ROOT, serving

pytest_plugins = ("pytester",)

EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "tests"), [("aliyun_sdk", 5), ("verification_api", 7)])
def test_a_suite_passes_where_it_was_copied_to(pytester: pytest.Pytester, name: str, tests: int) -> None:
    shutil.copytree(EXAMPLES / name, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*__"))
    plugins = [part for one in ("cacheprovider", "schemathesis", "asyncio") for part in ("-p", f"no:{one}")]
    pytester.runpytest_subprocess(*plugins, "-W", "error").assert_outcomes(passed=tests)


def script(url: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    copied = shutil.copy(EXAMPLES / "curl" / "sign-in.sh", folder)
    environment = {**os.environ, "GATEWAY_URL": url, **more}
    return subprocess.run(
        [copied], env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.mark.slow
def test_the_shell_script_passes_with_a_token_and_twice(tmp_path: Path) -> None:
    with serving(tmp_path, "--api-token", "a-token") as url:
        for _ in range(2):
            done = script(url, tmp_path, GATEWAY_TOKEN="a-token")
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout.count("ok: ") == 11


@pytest.mark.slow
def test_the_shell_script_ends_with_the_first_thing_that_is_wrong(tmp_path: Path) -> None:
    with serving(tmp_path, "--api-token", "a-token") as url:
        done = script(url, tmp_path, GATEWAY_TOKEN="another")
    assert done.returncode == 1
    assert done.stderr.startswith("not ok: a code is requested: 401 instead of 204\n")


def test_what_the_page_shows_is_in_the_suite() -> None:
    page = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    suite = (EXAMPLES / "aliyun_sdk" / "test_sign_in.py").read_text(encoding="utf-8")
    (shown,) = re.findall("(?ms)^```\n(.*?)^```$", page)
    assert "".join(f"    {line}\n" for line in shown.splitlines()) in suite


def test_every_folder_of_the_examples_is_on_the_page() -> None:
    page = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    folders = {one.name for one in EXAMPLES.iterdir() if one.is_dir() and any(one.glob("*.*"))}
    assert folders == {"aliyun_sdk", "verification_api", "curl"}
    assert all(f"(examples/{name}/" in page for name in folders)
