"""What the fake of social sign-in is measured against. ``python -m bench.social_servers`` is ``oidc-provider-mock``
as its command line starts it, but without its log; ``oauth2_mock_server`` is that of Node."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Server, started_with
from tests.e2e.node_clients import installed

_ROOT = Path(__file__).parents[1]


@contextmanager
def oauth2_mock_server() -> Iterator[Server]:
    """From the lock of the Node tests, in pytest's cache."""
    folder = _ROOT / ".pytest_cache" / "d" / "node-clients"
    with installed(folder).serving("oauth2_mock_server.mjs") as (pid, host, port):
        yield Server(pid, host, port)


@contextmanager
def oidc_provider_mock() -> Iterator[Server]:
    """The server of this module."""
    with started_with("bench.social_servers") as server:
        yield server


async def main() -> None:
    """Print the address as ``gateway serve --json`` does, and serve until terminated."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # as its command line does: plain HTTP
    import uvicorn
    from oidc_provider_mock import User, app

    claims = {"name": "Ada Wren", "email": "ada.wren@example.com"}
    application = app(user_claims=[User(sub="ada", claims=claims)])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        print(json.dumps({"host": host, "port": port}), flush=True)  # it can be connected to already
        config = uvicorn.Config(application, interface="wsgi", log_config=None)
        await uvicorn.Server(config).serve([listening])


if __name__ == "__main__":
    asyncio.run(main())
