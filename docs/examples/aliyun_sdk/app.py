"""Sign-in by SMS. The app makes the codes, checks them itself, and sends them with Aliyun's official SDK."""

import asyncio
import hmac
import json
import os
import secrets
import time

from aiohttp import web
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.utils_models import Config

LIFETIME_SECONDS, TRIES = 600, 5


class SignIn:
    """``now``: seconds since 1970. A test gives another clock than the machine's."""

    def __init__(self, environ, now):
        self.sms = Client(
            Config(
                endpoint=environ.get("ALIYUN_SMS_ENDPOINT", "dysmsapi.aliyuncs.com"),
                protocol=environ.get("ALIYUN_SMS_PROTOCOL", "HTTPS"),
                access_key_id=environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
                access_key_secret=environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            )
        )
        self.sign_name = environ["ALIYUN_SMS_SIGN_NAME"]
        self.template_code = environ["ALIYUN_SMS_TEMPLATE_CODE"]
        self.now = now
        self.codes = {}

    async def request_code(self, request):
        phone = (await request.json())["phone"]
        code = f"{secrets.randbelow(1_000_000):06d}"
        # Before the send: a code whose answer was lost on the way may have arrived all the same.
        self.codes[phone] = {"code": code, "until": self.now() + LIFETIME_SECONDS, "tries": TRIES}
        message = SendSmsRequest(
            phone_numbers=phone,
            sign_name=self.sign_name,
            template_code=self.template_code,
            template_param=json.dumps({"code": code}),
        )
        try:
            said = (await asyncio.to_thread(self.sms.send_sms, message)).body.code
        except Exception:  # the SDK raises whatever its HTTP library does
            return web.json_response({"error": "unavailable"}, status=502)
        if said == "OK":
            return web.Response(status=204)
        if said == "isv.BUSINESS_LIMIT_CONTROL":
            return web.json_response({"error": "too_many"}, status=429)
        return web.json_response({"error": "not_sent"}, status=502)

    async def sign_in(self, request):
        body = await request.json()
        kept = self.codes.get(body["phone"])
        if kept is None or kept["tries"] == 0 or self.now() > kept["until"]:
            return web.json_response({"error": "no_code"}, status=401)
        if not hmac.compare_digest(kept["code"].encode(), body["code"].encode()):
            kept["tries"] -= 1
            return web.json_response({"error": "wrong_code"}, status=401)
        del self.codes[body["phone"]]
        return web.json_response({"signedIn": body["phone"]})


def make_app(environ=os.environ, now=time.time):
    flow = SignIn(environ, now)
    app = web.Application()
    app.router.add_post("/codes", flow.request_code)
    app.router.add_post("/sign-in", flow.sign_in)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=8080)
