"""What a fake is measured against: an aiohttp handler that parses the same request and answers the same body, and
checks, keeps and knows nothing."""

from __future__ import annotations

import asyncio
import json
import uuid

from aiohttp import web


async def handle(request: web.Request) -> web.Response:
    """Answer as SendSms does."""
    given = dict(request.query)
    form = await request.text()
    param = json.loads(given["TemplateParam"])
    request_id = str(uuid.uuid4()).upper()
    body = {"Message": "OK", "RequestId": request_id, "Code": "OK", "BizId": f"{len(param)}{len(form)}0^0"}
    return web.json_response(body, headers={"X-Acs-Request-Id": request_id})


async def main() -> None:
    """Print the address as ``gateway serve --json`` does, and serve until terminated."""
    app = web.Application()
    app.router.add_route("*", "/", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    print(json.dumps({"host": host, "port": port}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
