"""The exit codes, and the ways in which a command fails: one line on stderr each, or one for each problem of a
config. docs/cli.md lists them."""

from __future__ import annotations

from typing import ClassVar

import click

NO = 1
USAGE = 2
UNREACHABLE = 3
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class Problem(click.ClickException):
    """Ends the command with ``Error: <one line>`` on stderr."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class SaidNo(Problem):
    """The question was understood and the answer is no: no code in time, a send that failed."""

    exit_code: ClassVar[int] = NO


class WrongUse(Problem):
    """Something to correct: the command line, the config file, the port, the token."""

    exit_code: ClassVar[int] = USAGE


class BadConfig(WrongUse):
    """A config that cannot work: a line for each thing to correct, the first one alone where it is the only one."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self._lines = message.splitlines()

    def format_message(self) -> str:
        return self.message if len(self._lines) < 2 else "\n  ".join(["the config cannot work:", *self._lines])


class NotReachable(Problem):
    """Nothing answers at that URL, or not in time, or not like a gateway."""

    exit_code: ClassVar[int] = UNREACHABLE
