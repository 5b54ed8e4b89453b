"""Sign-in by SMS. The gateway makes the codes, sends them and checks them; the app asks it over HTTP."""

import os

from aiohttp import ClientSession, web

GATEWAY = web.AppKey("gateway", ClientSession)


async def request_code(request):
    phone = (await request.json())["phone"]
    wanted = {"to": phone, "type": "SignIn", "clientIp": request.remote}
    async with request.app[GATEWAY].post("/api/verifications", json=wanted) as answer:
        said = await answer.json()
        if answer.status == 200:
            return web.Response(status=204)
        if answer.status == 429:  # our own limit has the header, the provider's may not
            after = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
            return web.json_response({"error": "too_many"}, status=429, headers=after)
        unsure = said.get("data", {}).get("maybeSent", False)
        return web.json_response({"error": "unavailable" if unsure else "not_sent"}, status=502)


async def sign_in(request):
    body = await request.json()
    typed = {"to": body["phone"], "type": "SignIn", "code": body["code"]}
    async with request.app[GATEWAY].post("/api/verifications/check", json=typed) as answer:
        if answer.status == 200:
            return web.json_response({"signedIn": body["phone"]})
        mismatch = (await answer.json())["code"] == "verification_code.code_mismatch"
        return web.json_response({"error": "wrong_code" if mismatch else "no_code"}, status=401)


def make_app(environ=os.environ):
    async def connected(app):
        token = environ.get("GATEWAY_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with ClientSession(environ["GATEWAY_URL"], headers=headers) as app[GATEWAY]:
            yield

    app = web.Application()
    app.cleanup_ctx.append(connected)
    app.router.add_post("/codes", request_code)
    app.router.add_post("/sign-in", sign_in)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=8080)
