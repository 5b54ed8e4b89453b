"""The commands of docs/store.md, run as they stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_examples import containing

pytestmark = pytest.mark.slow

PAGE = "docs/store.md"
PATIENCE = 60


def bash(script: str, folder: Path, **more: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={**os.environ, "PATH": path, **more},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path, command: str) -> Iterator[Any]:
    """``gateway serve ...`` of the page, on a free port; what it says once it listens, and its process."""
    arguments = command.split()[1:]
    more = ["--port", "0", "--json", "--with-parent"]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "gateway", *arguments, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], process
        process.terminate()


def test_what_was_sent_is_there_after_a_kill_and_in_a_backup(tmp_path: Path) -> None:
    serve = containing(PAGE, "sh", "gateway serve")
    with serving(tmp_path, serve) as (url, process):
        bash("gateway send +8613800138000 --code 246810", tmp_path, GATEWAY_URL=url)
        process.kill()
    with serving(tmp_path, serve) as (url, _):
        bash(containing(PAGE, "sh", ".backup("), tmp_path)
        with serving(tmp_path, serve.replace("state/gateway.db", "backup.db")) as (copy, _):
            assert bash("gateway wait +8613800138000", tmp_path, GATEWAY_URL=copy).strip() == "246810"
        assert bash("gateway wait +8613800138000", tmp_path, GATEWAY_URL=url).strip() == "246810"
