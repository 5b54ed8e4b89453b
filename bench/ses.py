"""SES: a verified SendEmail (v2) on our fake, on moto's server and on a bare handler, by turns; memory."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Iterable
from itertools import count, islice

from bench import load, processes
from bench.measures import Row
from bench.processes import Server
from gateway.providers.aws_ses.wire import sigv4

# fixtures/sandbox.yaml
_KEY_ID, _SECRET, _REGION = "sandbox-key-id", "sandbox-key-secret", "us-east-1"
_PATH = "/v2/email/outbound-emails"
_SIGNED = "content-type;host;x-amz-date"


def fake(rounds: int, requests: int) -> list[Row]:
    """Server CPU. The code in each mail is another one."""
    fresh = count()

    def once(server: Server) -> float:
        made = sends(server, islice(fresh, requests))
        before = server.cpu_with_ended_threads()
        asyncio.run(load.run(server, made))
        return (server.cpu_with_ended_threads() - before) / requests

    with (
        processes.gateway() as ours,
        processes.against("bare") as bare,
        processes.against("moto") as moto,
        processes.apart(ours, bare, moto),
    ):
        once(ours), once(bare), once(moto)  # warm up
        rows = [(once(ours), once(bare), once(moto)) for _ in range(rounds)]
    mine, plain, theirs = (statistics.median(column) * 1e6 for column in zip(*rows, strict=True))
    return [
        Row("SES SendEmail (v2), signature verified: server CPU", f"{mine:.0f} µs"),
        Row("bare aiohttp handler, same request and answer: server CPU", f"{plain:.0f} µs"),
        Row("ratio", f"{statistics.median(a / b for a, b, _ in rows):.2f}", "at most 2"),
        Row("moto's own server, nothing verified: server CPU", f"{theirs:.0f} µs"),
        Row("ratio to ours", f"{statistics.median(c / a for a, _, c in rows):.1f}", "at least 12"),
    ]


def memory(mails: int) -> list[Row]:
    """Resident memory after the inbox is full, and after ten times as many mails."""
    fresh = count()
    found = []
    with processes.gateway() as server:
        for total in (mails // 10, mails):
            done = next(fresh)
            for _ in range(0, total - done, 1000):
                asyncio.run(load.run(server, sends(server, islice(fresh, 1000))))
            found.append(server.megabytes())
    return [
        Row(
            f"memory after {mails // 10:,} and {mails:,} mails of SES",
            f"{found[0]:.0f} and {found[1]:.0f} MB",
            "flat",
        )
    ]


def sends(server: Server, seeds: Iterable[int]) -> list[bytes]:
    """SendEmail as boto3 writes and signs it, to another recipient with another code for each seed."""
    return [_send(server, seed) for seed in seeds]


def _send(server: Server, seed: int) -> bytes:
    code = f"{seed * 499_979 % 10**6:06d}"
    mail = {
        "FromEmailAddress": "Demo <no-reply@example.com>",
        "Destination": {"ToAddresses": [f"user{seed}@inbox.example"]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "Your code"},
                "Body": {
                    "Text": {"Data": f"Your code is {code}. It works for ten minutes."},
                    "Html": {"Data": f"<p>Your code is <b>{code}</b>. It works for ten minutes.</p>"},
                },
            }
        },
    }
    body = json.dumps(mail).encode()
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {
        "host": f"{server.host}:{server.port}",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": "Boto3/1.44.5 md/Botocore#1.44.5 bench",
        "x-amz-date": now,
        "amz-sdk-invocation-id": "b95b3f70-5b9d-4bae-9687-a739e7a026c7",
        "amz-sdk-request": "attempt=1",
        "content-length": str(len(body)),
    }
    scope = sigv4.Scope(now[:8], _REGION, "ses", sigv4.TERMINATOR)
    hashed = sigv4.payload_hash(body)
    canonical = sigv4.canonical_request("POST", _PATH, "", headers, _SIGNED, hashed)
    signature = sigv4.signature(_SECRET, scope, sigv4.string_to_sign(now, scope, canonical))
    credential = f"{_KEY_ID}/{now[:8]}/{_REGION}/ses/{sigv4.TERMINATOR}"
    headers["authorization"] = (
        f"{sigv4.ALGORITHM} Credential={credential}, SignedHeaders={_SIGNED}, Signature={signature}"
    )
    lines = [f"POST {_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
