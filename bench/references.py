"""What the messaging fakes are measured against: ``python -m bench.references sms|ses|moto``.

``sms`` and ``ses`` are bare aiohttp handlers: they parse the request and answer the same body, and verify, keep and
know nothing. ``moto`` is moto's own server (Flask), as ``moto_server`` starts it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid

from aiohttp import web


async def send_sms(request: web.Request) -> web.Response:
    """Answer as SendSms does."""
    given = dict(request.query)
    form = await request.text()
    param = json.loads(given["TemplateParam"])
    request_id = str(uuid.uuid4()).upper()
    body = {"Message": "OK", "RequestId": request_id, "Code": "OK", "BizId": f"{len(param)}{len(form)}0^0"}
    return web.json_response(body, headers={"X-Acs-Request-Id": request_id})


async def send_email(request: web.Request) -> web.Response:
    """Answer as SendEmail does."""
    sent = json.loads(await request.read())
    message_id = f"0100{len(sent):012x}-{uuid.uuid4()}-000000"
    return web.json_response({"MessageId": message_id}, headers={"x-amzn-RequestId": str(uuid.uuid4())})


def moto() -> tuple[str, int]:
    """Start moto's own server in a thread, with a verified domain, and return its address."""
    from moto.server import ThreadedMotoServer
    from moto.ses.models import ses_backends

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    ses_backends["123456789012"]["us-east-1"].verify_domain("example.com")
    return server.get_host_and_port()


async def main() -> None:
    """Print the address as ``gateway serve --json`` does, and serve until terminated."""
    what = sys.argv[1]
    if what == "moto":
        host, port = moto()
    else:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", send_sms if what == "sms" else send_email)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
    print(json.dumps({"host": host, "port": port}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
