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


@dataclass(frozen=True, slots=True)
class Server:
    """A started server."""

    pid: int
    host: str
    port: int

    def cpu(self) -> float:
        """Seconds on a CPU so far, all threads."""
        return sum(self._threads().values())

    def cpu_with_ended_threads(self) -> float:
        """Seconds on a CPU so far, to a hundredth; also of threads that are no more, as a server that makes one for
        each connection has them."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_by_thread(self) -> tuple[float, float]:
        """Seconds of the main thread (the event loop: API, delivery, fake) and of all others (SDK calls)."""
        threads = self._threads()
        main = threads.pop(self.pid, 0.0)
        return main, sum(threads.values())

    def megabytes(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _threads(self) -> dict[int, float]:
        tasks = Path(f"/proc/{self.pid}/task")
        return {int(one.name): int((one / "schedstat").read_text().split()[0]) / 1e9 for one in tasks.iterdir()}


@contextmanager
def gateway(config: str = "") -> Iterator[Server]:
    """``gateway serve`` on a free port, with the text of a config file. In memory unless that names a store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.yaml"
        # Not as an option: the command line would win over the store that a config names.
        path.write_text(config if "store:" in config else f"store: memory\n{config}", encoding="utf-8")
        options = ["--port", "0", "--json", "--config", str(path)]
        command = [sys.executable, "-m", "gateway", "serve", *options]
        with _started(command) as server:
            yield server


@contextmanager
def bare() -> Iterator[Server]:
    """The bare aiohttp handler of ``bench/bare.py``."""
    with _started([sys.executable, "-m", "bench.bare"]) as server:
        yield server


@contextmanager
def against(what: str) -> Iterator[Server]:
    """A server of ``bench/ses_servers.py``: ``bare`` or ``moto``."""
    with _started([sys.executable, "-m", "bench.ses_servers", what]) as server:
        yield server


@contextmanager
def started_with(module: str) -> Iterator[Server]:
    """Any other module that prints its address."""
    with _started([sys.executable, "-m", module]) as server:
        yield server


@contextmanager
def apart(*servers: Server) -> Iterator[None]:
    """These on one processor, the client on another, where there are two: a process that is moved to and fro pays
    for its caches each time, the more of them it uses, and how often depends on who else is there."""
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
def _started(command: list[str]) -> Iterator[Server]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield Server(process.pid, ready["host"], ready["port"])
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()
