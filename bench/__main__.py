"""``python -m bench [--quick]``: measure, and print a dated table for bench/results.md."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version

from bench import measures, ses, social
from bench.flows import flows
from bench.measures import Row


def main() -> None:
    """Print one table in Markdown."""
    quick = "--quick" in sys.argv
    rounds, requests = (2, 300) if quick else (7, 2000)
    rows: list[Row] = [
        *measures.fake(rounds, requests),
        *ses.fake(rounds, requests),
        *ses.memory(20_000 if quick else 100_000),
        *social.fake(rounds, requests // 5),
        *measures.stores(rounds, requests // 2),
        *measures.send(rounds, requests // 4),
        *measures.wait(rounds, requests),
        *flows(rounds, requests // 10),
        *measures.rendering(rounds, requests),
        *measures.start(rounds),
    ]
    print(f"## {datetime.now(UTC):%Y-%m-%d}\n")
    print(
        f"Python {platform.python_version()}, aiohttp {version('aiohttp')}, {platform.machine()}. `make bench`.\n"
    )
    print("| what | measured | budget |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.budget} |")


if __name__ == "__main__":
    main()
