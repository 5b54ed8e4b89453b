"""``gateway wait``: print the code of the next message, for ``CODE=$(gateway wait ...)``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import click

from gateway.cli import options
from gateway.cli.exits import NO
from gateway.cli.http import ANSWER_TIMEOUT, Answer, Client, segment
from gateway.cli.output import emit, time_of_day, visible

LONGEST_CALL = 60.0  # seconds, the limit of the API; a longer wait is several calls


@click.command("wait")
@options.to
@options.usage_type("Only this usage type.")
@options.channel("Only this channel.")
@options.contents
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait.",
)
@click.option(
    "--after", type=click.IntRange(min=0), metavar="CURSOR", help="Only what came after it, oldest first."
)
@options.as_json
@options.talks_to_a_gateway
def command(
    client: Client,
    *,
    to: str,
    usage_type: str | None,
    channel: str | None,
    subject: str | None,
    text: str | None,
    sender: str | None,
    timeout: float,
    after: int | None,
    as_json: bool,
) -> None:
    """Wait for a code sent to TO, take it, and print it: the code alone, on stdout.

    The newest code that nobody has taken and that is younger than ten minutes comes at once, so "send, then
    wait" cannot miss. When the time is over: exit code 1, and what did arrive on stderr.

    \b
    Example:
      CODE=$(gateway wait 13800138000 --type SignIn --timeout 20)
    """
    contents = {"subject": subject, "text": text, "sender": sender}
    query = {"type": usage_type, "channel": channel, **contents, "after": after}
    answer = ask(client, f"/api/codes/{segment(to)}", query, timeout)
    if answer.ok:
        result = {
            "code": answer.body.decode(errors="replace").strip(),
            "to": to,
            "captureId": answer.headers.get("X-Gateway-Capture"),
            "cursor": number(answer.headers.get("X-Gateway-Cursor")),
        }
        if as_json:
            emit(result)
        else:
            click.echo(visible(str(result["code"])))
        return
    error = answer.error()
    if error is None or error["code"] != "code.not_found":
        raise answer.problem()
    if as_json:
        emit({"error": error})
    click.echo("\n".join(explain(error)), err=True)
    raise SystemExit(NO)


def ask(client: Client, path: str, query: dict[str, Any], seconds: float) -> Answer:
    """Call as often as the time requires, and return the last answer."""
    end = time.monotonic() + seconds
    while True:
        left = max(0.0, end - time.monotonic())
        slice_ = round(min(left, LONGEST_CALL), 3)
        answer = client.ask("POST", path, query={**query, "timeout": slice_}, timeout=slice_ + ANSWER_TIMEOUT)
        if answer.ok or left <= LONGEST_CALL or answer.status != 404:
            return answer


def explain(error: dict[str, Any]) -> Iterator[str]:
    """Yield why there is no code: the message of the API, and a line for each near miss."""
    yield visible(f"Error: {error['message']}")
    for miss in (error.get("data") or {}).get("nearMisses") or ():
        line = f"  {time_of_day(miss.get('at'))}  {miss.get('reason')}: {miss.get('message')}"
        yield visible(line).replace("\n", " ")


def number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
