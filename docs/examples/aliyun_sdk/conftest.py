"""The app in a thread of the test run, on a free port, with the gateway in Aliyun's place."""

import asyncio
import json
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from aiohttp import web
from app import make_app

from connector_gateway import Gateway


@pytest.fixture(scope="module")
def post(gateway_server):
    """``post(path, body)`` asks the app: the status and the JSON that it answers."""
    with Gateway(gateway_server.url, gateway_server.token) as gateway:
        environ = {**gateway.env(), "ALIYUN_SMS_PROTOCOL": "HTTP"}

        def now():
            """What a test does to the gateway's clock holds for the app, too."""
            return gateway.clock.now.timestamp()

        with running(make_app(environ, now)) as url:
            yield lambda path, body: ask(url + path, body)


@contextmanager
def running(app):
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=10)

    runner = web.AppRunner(app)
    try:
        run(runner.setup())
        run(web.TCPSite(runner, "127.0.0.1", 0).start())
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        run(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def ask(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())
