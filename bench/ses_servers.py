"""What the fake of SES is measured against: ``python -m bench.ses_servers bare|moto``.

``bare``: an aiohttp handler that parses SendEmail and answers the same body; it checks, keeps and knows nothing.
``moto``: the same around moto's own code for SESv2, called in-process. Its server (Flask) takes some four times as
long; it needs packages that are not installed here.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web


async def bare(request: web.Request) -> web.Response:
    """Answer as SendEmail does."""
    sent = json.loads(await request.read())
    message_id = f"0100{len(sent):012x}-{uuid.uuid4()}-000000"
    return web.json_response({"MessageId": message_id}, headers={"x-amzn-RequestId": str(uuid.uuid4())})


def moto() -> Callable[[web.Request], Awaitable[web.Response]]:
    """moto's handler, with a verified identity."""
    from moto.core.request import Request
    from moto.ses.models import ses_backends
    from moto.sesv2.responses import SESV2Response

    backend = ses_backends["123456789012"]["us-east-1"]
    backend.verify_domain("example.com")

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        url = f"http://email.us-east-1.amazonaws.com{request.raw_path}"
        made = Request.from_primitives(request.method, url, dict(request.headers), body)
        status, headers, answer = SESV2Response.dispatch(made)
        if len(backend.sent_messages) > 10_000:
            backend.sent_messages.clear()
        return web.Response(status=status, body=answer, headers={"x-amzn-RequestId": headers.get("x", "-")})

    return handle


async def main() -> None:
    """Print the address as ``gateway serve --json`` does, and serve until terminated."""
    handle = moto() if sys.argv[1] == "moto" else bare
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    print(json.dumps({"host": host, "port": port}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
