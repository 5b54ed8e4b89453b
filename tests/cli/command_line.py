"""The command as users run it: in a process of its own, with a folder of the user's as the current one."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parents[2]
GATEWAY = [sys.executable, "-m", "gateway"]
QUIET = ["--log-level", "warning"]
PATIENCE = 30.0  # for a process that must end; never waited for when all is well


def environment(**changed: str) -> dict[str, str]:
    """Ours, without what would point the command elsewhere. PYTHONPATH: also without an installation."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GATEWAY_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "80", **changed}


def run(*arguments: str, cwd: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GATEWAY, *arguments],
        cwd=cwd,
        env=environment(**changed),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@dataclass
class Server:
    """A running ``gateway serve --json --with-parent`` and the line that it printed."""

    process: subprocess.Popen[str]
    cwd: Path
    said: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.said["url"])

    def run(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return run(*arguments, cwd=self.cwd, GATEWAY_URL=self.url, **changed)

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> tuple[int, str, str]:
        """Wait for the end: exit code, and what it said on stdout and stderr since."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        code = self.process.wait(PATIENCE)
        return code, self.process.stdout.read(), self.process.stderr.read()


@contextmanager
def serving(cwd: Path, *arguments: str) -> Iterator[Server]:
    with subprocess.Popen(
        [*GATEWAY, "serve", "--port", "0", "--store", "memory", "--json", "--with-parent", *QUIET, *arguments],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise AssertionError(f"the server did not start: {process.stderr.read()}")
            yield Server(process, cwd, json.loads(line))
        finally:
            process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)


def ask(url: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    connection = connect(url)
    headers = {} if body is None else {"Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    try:
        return response.status, json.load(response)
    finally:
        connection.close()
