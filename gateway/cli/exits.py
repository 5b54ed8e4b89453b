"""The exit codes, and the errors that end a command with a line on stderr. docs/cli.md lists them."""

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
    """The command ran and failed: no code arrived in time, or a send failed."""

    exit_code: ClassVar[int] = NO


class WrongUse(Problem):
    """The user has something to correct: the command line, the config file, the port, the token."""

    exit_code: ClassVar[int] = USAGE


class BadConfig(WrongUse):
    """A config that cannot work: a heading and a line for each problem, or a single problem alone."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self._lines = message.splitlines()

    def format_message(self) -> str:
        return self.message if len(self._lines) < 2 else "\n  ".join(["the config cannot work:", *self._lines])


class NotReachable(Problem):
    """Nothing answers at the URL, or not in time, or not as a gateway does."""

    exit_code: ClassVar[int] = UNREACHABLE
