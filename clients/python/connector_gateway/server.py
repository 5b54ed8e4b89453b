"""A gateway of one's own: in its own process, on a free port, gone with the process that started it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from connector_gateway.errors import GatewayUnreachable
from connector_gateway.finding import find_command, server_environment
from connector_gateway.versions import check_version

__tracebackhide__ = True

START_SECONDS = 15.0
COMMAND_SECONDS = 120.0
STOP_SECONDS = 5.0
STDERR_SHOWN = 4000


@dataclass(frozen=True, slots=True)
class ExternalServer:
    """A gateway that this process did not start. ``token`` is its API token, if it has one."""

    url: str
    token: str | None = None


class Server:
    """A gateway on a free port of 127.0.0.1, with nothing in its inbox. A context manager, or start and stop.

    ``config`` is a configuration file; without it the gateway's sandbox defaults hold. ``command`` is what runs
    the gateway's command line, as ``["uvx", "connector-gateway"]``; without it the package in this environment is
    run, else ``connector-gateway`` on PATH. The server ends with
    ``stop()``, and also when this process ends in whatever way: it watches its standard input. It sees the
    environment of this process except for ``GATEWAY_*``, ``CONNECTOR_GATEWAY_*`` and what is meant for this Python.
    """

    token: str | None = None

    def __init__(
        self,
        *,
        config: str | os.PathLike[str] | None = None,
        command: Sequence[str] | None = None,
        shared: bool = False,
        keep: bool = False,
        start_timeout: float | None = None,
    ) -> None:
        """``start_timeout`` is in seconds: 15 by default, and 120 for a ``command``, which may have to download.

        ``shared``: several test runs use it, so it refuses to move the clock and to forget all. ``keep``: it goes
        on when this process ends, if it was not stopped.
        """
        self._shared = shared
        self._keep = keep
        self._config = None if config is None else Path(config).resolve()
        self._command = list(command or ())
        default = COMMAND_SECONDS if command else START_SECONDS
        self._start_timeout = default if start_timeout is None else start_timeout
        self._running: _Process | None = None

    @property
    def url(self) -> str:
        """Where it listens. Raises RuntimeError before the start and after the stop."""
        return str(self._announcement["url"])

    @property
    def version(self) -> str:
        """The version of connector-gateway that runs. Raises RuntimeError as ``url`` does."""
        return str(self._announcement.get("version", "of an unknown version"))

    @property
    def pid(self) -> int:
        """The id of its process. Raises RuntimeError as ``url`` does."""
        return int(self._announcement["pid"])

    @property
    def _announcement(self) -> Mapping[str, Any]:
        if self._running is None:
            raise RuntimeError("the server is not started: use it in a `with` block, or call start()")
        return self._running.announcement

    def start(self) -> Self:
        """Start it, and return when it answers. Raises GatewayUnreachable if there is no server to start, or
        with what it said if it does not start; IncompatibleGateway if its API does not fit this kit."""
        if self._running is not None:
            raise RuntimeError("the server is started already")
        arguments = [
            *(self._command or find_command()),
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--store",
            "memory:",
            "--json",
            "--log-level",
            "warning",
        ]
        if not self._keep:
            arguments.append("--with-parent")
        if self._shared:
            arguments.append("--shared")
        if self._config is not None:
            arguments += ["--config", str(self._config)]
        self._running = _Process(arguments, self._start_timeout, keep=self._keep)
        return self

    def stop(self) -> None:
        """Stop it: SIGTERM, and after 5 seconds SIGKILL. Does nothing if it is not started."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def check(self) -> None:
        """Raises GatewayUnreachable, with its last words, if it has stopped by itself."""
        if self._running is not None:
            self._running.check()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


class _Process:
    """One running server. The constructor returns when it answers, and raises if that takes too long."""

    def __init__(self, arguments: list[str], start_timeout: float, *, keep: bool) -> None:
        with ExitStack() as stack:
            # An empty folder to run in: no configuration file or package of the user's project lies in it.
            folder = tempfile.mkdtemp(prefix="gateway-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self._stderr = stack.enter_context(tempfile.TemporaryFile())
            self._popen = subprocess.Popen(  # noqa: S603 - what the user has installed or named
                arguments,
                stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                cwd=folder,
                env={**server_environment(os.environ), "PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # Ctrl-C ends the tests, and they stop the server
            )
            self._stdout = cast("IO[bytes]", self._popen.stdout)
            first: queue.SimpleQueue[bytes] = queue.SimpleQueue()
            self._reader = threading.Thread(target=_drain, args=(self._stdout, first), daemon=True)
            self._reader.start()
            stack.callback(self._end)
            self.announcement = self._announced(first, start_timeout)
            self._cleanup = stack.pop_all()

    def stop(self) -> None:
        self._cleanup.close()

    def check(self) -> None:
        if self._popen.poll() is not None:
            raise self._failure("the gateway that was started here has stopped by itself")

    def _announced(self, first: queue.SimpleQueue[bytes], start_timeout: float) -> Mapping[str, Any]:
        """The first line of its output: its address, version and so on."""
        try:
            line = first.get(timeout=start_timeout)
        except queue.Empty:
            raise self._failure(f"the gateway did not start within {start_timeout:g} s") from None
        try:
            announcement: dict[str, Any] = json.loads(line)
            url = str(announcement["url"])
        except (ValueError, TypeError, KeyError):
            said = f"; it printed {line[:200]!r}" if line else ""
            raise self._failure(f"the gateway did not start{said}") from None
        check_version(announcement.get("apiVersion"), url)
        return announcement

    def _failure(self, what: str) -> GatewayUnreachable:
        try:
            ended = f" (exit code {self._popen.wait(timeout=1)})"
        except subprocess.TimeoutExpired:
            ended = ""
        # Read through a second look at the same file: the server's own place in it must not move.
        size = os.fstat(self._stderr.fileno()).st_size
        last = os.pread(self._stderr.fileno(), STDERR_SHOWN, max(0, size - STDERR_SHOWN))
        words = last.decode(errors="replace").strip()
        return GatewayUnreachable(f"{what}{ended}. On stderr: {words or 'nothing'}")

    def _end(self) -> None:
        self._popen.terminate()
        if self._popen.stdin is not None:
            self._popen.stdin.close()
        try:
            self._popen.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._reader.join(timeout=STOP_SECONDS)
        self._stdout.close()


def _drain(stream: IO[bytes], first: queue.SimpleQueue[bytes]) -> None:
    """Pass the first line on, and read the rest away, so that the pipe never fills up."""
    first.put(stream.readline())
    while stream.read(65536):
        pass
