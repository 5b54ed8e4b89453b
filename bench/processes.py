"""Servers in processes of their own, and what they cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SQLITE = "store: sqlite:gateway.db\n"


@dataclass(frozen=True, slots=True)
class Server:
    """A started server."""

    pid: int
    host: str
    port: int

    def cpu(self) -> float:
        """Seconds on a CPU so far, to a hundredth; also of threads that have ended."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def gateway(config: str = "", checkout: Path | None = None) -> Iterator[Server]:
    """Run ``gateway serve`` on a free port with the text of a config file; in memory unless that names a store.

    ``checkout`` is another folder of this project, whose code runs in this environment.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.yaml"
        # Not as an option: the command line would win over the store that a config names.
        path.write_text(config if "store:" in config else f"store: memory\n{config}", encoding="utf-8")
        command = [sys.executable, "-m", "gateway", "serve", "--port", "0", "--json", "--config", str(path)]
        with _started(command, checkout) as server:
            yield server


@contextmanager
def reference(what: str) -> Iterator[Server]:
    """Run a server of ``bench/references.py``: ``sms``, ``ses`` or ``moto``."""
    with _started([sys.executable, "-m", "bench.references", what]) as server:
        yield server


@contextmanager
def started_with(module: str) -> Iterator[Server]:
    """Run any other module that prints its address."""
    with _started([sys.executable, "-m", module]) as server:
        yield server


@contextmanager
def apart(*servers: Server) -> Iterator[None]:
    """Pin the servers to one processor and the client to another, if there are two: a process that is moved between
    processors pays for its caches each time."""
    ours = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(ours) < 2:
        yield
        return
    first, *_, last = sorted(ours)
    for server in servers:
        for thread in Path(f"/proc/{server.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {first})
    os.sched_setaffinity(0, {last})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


@contextmanager
def _started(command: list[str], folder: Path | None = None) -> Iterator[Server]:
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield Server(process.pid, ready["host"], ready["port"])
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()
