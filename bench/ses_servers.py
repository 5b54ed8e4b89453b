"""What the fake of SES is measured against: ``python -m bench.ses_servers bare|moto``.

``bare``: an aiohttp handler that parses SendEmail and answers the same body; it checks, keeps and knows nothing.
``moto``: moto's own server (Flask), as ``moto_server`` starts it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid

from aiohttp import web


async def bare(request: web.Request) -> web.Response:
    """Answer as SendEmail does."""
    sent = json.loads(await request.read())
    message_id = f"0100{len(sent):012x}-{uuid.uuid4()}-000000"
    return web.json_response({"MessageId": message_id}, headers={"x-amzn-RequestId": str(uuid.uuid4())})


def moto() -> tuple[str, int]:
    """moto's own server, in a thread, with a verified domain; it verifies no signature."""
    from moto.server import ThreadedMotoServer
    from moto.ses.models import ses_backends

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    ses_backends["123456789012"]["us-east-1"].verify_domain("example.com")
    return server.get_host_and_port()


async def main() -> None:
    """Print the address as ``gateway serve --json`` does, and serve until terminated."""
    if sys.argv[1] == "moto":
        host, port = moto()
    else:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", bare)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
    print(json.dumps({"host": host, "port": port}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
