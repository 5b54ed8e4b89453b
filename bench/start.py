"""The start of the command line and of the server, and templates rendered."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from bench import processes
from bench.turns import Row, by_turns, microseconds
from gateway.core import data_files
from gateway.core.model import Channel, UsageType
from gateway.rendering import Renderer


def start(rounds: int) -> list[Row]:
    """Time to the help text and to a ready server, with byte code, and the memory of an idle server."""

    def help_text() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "gateway", "--help"], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started

    def ready() -> float:
        started = time.perf_counter()
        with processes.gateway() as server:
            seconds = time.perf_counter() - started
            memory.append(server.megabytes())
        return seconds

    memory: list[float] = []
    helps, readies = by_turns(rounds, help_text, ready)
    return [
        Row("gateway serve, ready", f"{statistics.median(readies):.2f} s", "0.5 s"),
        Row("gateway --help", f"{statistics.median(helps):.2f} s", "0.1 s"),
        Row("idle memory", f"{statistics.median(memory):.0f} MB", "70 MB"),
    ]


def rendering(rounds: int, number: int) -> list[Row]:
    """CPU of one message rendered from a built-in template that is compiled already."""
    renderer = Renderer([data_files.folder("templates")])

    def cost(channel: Channel) -> float:
        started = time.process_time()
        for at in range(number):
            renderer.render(UsageType.SIGN_IN, channel, {"code": f"{at:06d}", "locale": "zh-CN"})
        return (time.process_time() - started) / number

    sms, mail = by_turns(rounds, lambda: cost(Channel.SMS), lambda: cost(Channel.EMAIL))
    return [Row("one SMS rendered", microseconds(sms)), Row("one mail rendered", microseconds(mail))]
