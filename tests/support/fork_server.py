"""``gateway serve`` again and again: this process imports it once, and each start is a fork of it.

A start from nothing takes half a second, nearly all of it imports, and the first send as much again. What runs in
the fork is the command itself, all of it. Each line of stdin is a JSON array, a folder and arguments: it starts one
there when the one before has ended; after the argument ``side-by-side`` at once. The first argument of this script
is a file descriptor that becomes the standard input of the commands.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress

import alibabacloud_dysmsapi20170525.client
import alibabacloud_dysmsapi20170525.models  # noqa: F401  # imported for the forks

import gateway.cli.serve  # noqa: F401  # as above
from gateway.app import assemble  # noqa: F401  # as above
from gateway.cli import main
from gateway.providers import registry
from gateway.storage.sqlite import open_sqlite  # noqa: F401  # as above


def again(life: int, *, side_by_side: bool) -> None:
    registry.load_providers()
    while line := sys.stdin.readline():
        folder, *arguments = json.loads(line)
        pid = os.fork()
        if not pid:
            os.dup2(life, 0)
            os.chdir(folder)
            main(arguments, prog_name="gateway")
        if not side_by_side:
            os.waitpid(pid, 0)
    # Their standard input ends with ours.
    with suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    again(int(sys.argv[1]), side_by_side="side-by-side" in sys.argv[2:])
