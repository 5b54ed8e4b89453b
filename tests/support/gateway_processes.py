"""Starts ``gateway serve`` as a process, many times over, without its imports (``serve_again``)."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connector_gateway import ExternalServer

ROOT = Path(__file__).parents[2]


@dataclass
class Starter:
    """One at a time, unless they run side by side: the one before has to be on its way out."""

    process: subprocess.Popen[str]

    def start(self, *arguments: str, folder: Path = ROOT) -> tuple[int, int]:
        """Port and process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        command = [str(folder), "serve", "--port", "0", "--json", "--with-parent", *arguments]
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        return said["port"], said["pid"]


@contextmanager
def starter(*, side_by_side: bool = False) -> Iterator[Starter]:
    """Ends with us, and what it started with it: that has the other end of a pipe of ours as its parent."""
    life, ours = os.pipe()
    # What is meant for the tests is not for the gateways, as in ``connector_gateway.Server``.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    # Reading the system's certificates takes a tenth of a second, and nothing here is signed by them.
    certificates = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}
    environment = {**kept, **certificates, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "tests.support.fork_server", str(life)]
    if side_by_side:
        command.append("side-by-side")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[life], env=environment, text=True
    ) as process:
        os.close(life)
        try:
            yield Starter(process)
        finally:
            os.close(ours)


@contextmanager
def forked(folder: Path, *arguments: str) -> Iterator[ExternalServer]:
    """A gateway with an empty inbox that runs in a folder, as ``connector_gateway.Server`` has one, but there at
    once and cheap."""
    port, pid = shared().start("--store", "memory:", "--log-level", "warning", *arguments, folder=folder)
    try:
        yield ExternalServer(f"http://127.0.0.1:{port}")
    finally:
        os.kill(pid, signal.SIGTERM)


@cache
def shared() -> Starter:
    """One for all tests of this process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(starter(side_by_side=True))
