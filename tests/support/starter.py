"""Starts ``gateway serve`` as a process, many times over, without its imports (``serve_again``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Starter:
    """One at a time: the one before has to be on its way out."""

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
def starter() -> Iterator[Starter]:
    """Ends with us, and what it started with it: that has the other end of a pipe of ours as its parent."""
    life, ours = os.pipe()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "tests.support.serve_again", str(life)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[life], env=environment, text=True
    ) as process:
        os.close(life)
        try:
            yield Starter(process)
        finally:
            os.close(ours)
