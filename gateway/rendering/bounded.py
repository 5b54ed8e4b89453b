"""Previews of templates that strangers wrote, in a process of their own with little time and memory.

Jinja's sandbox keeps a template from the rest of Python, not from work without end: ``range`` is bounded, two of
them inside each other are not, and ``"a" * 10**10`` is worked out while it is compiled. So the child limits itself,
and ``web`` ends it when it is late. One question on stdin, one answer on stdout, both JSON.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.core.model import Channel, Document, UsageType
from gateway.rendering.environment import TemplateError, UnknownVariable
from gateway.rendering.mail_preview import MailPreview, mail_preview
from gateway.rendering.mailbox import Mailbox
from gateway.rendering.phone import Sender
from gateway.rendering.preview import Preview, preview
from gateway.rendering.templates import Renderer

CPU_SECONDS = 0.5
MEMORY_BYTES = 512 * 1024 * 1024  # of addresses; an idle child has some 100 MiB
SOURCE_CHARACTERS = 20_000
TEXT_CHARACTERS = 20_000
HTML_CHARACTERS = 400_000

COMMAND = (sys.executable, "-P", "-m", "gateway.rendering.bounded")


def question(
    renderer: Renderer,
    usage_type: UsageType,
    sender: Sender | Mailbox,
    source: str,
    locale: str | None,
    payload: Mapping[str, Any] | None,
) -> bytes:
    """What the child reads. A ``Mailbox`` asks for an email."""
    asked = {
        "folders": [str(folder) for folder in renderer.folders],
        "type": usage_type,
        "provider": sender.provider,
        "signName": sender.sign_name if isinstance(sender, Sender) else None,
        "email": isinstance(sender, Mailbox),
        "address": sender.address if isinstance(sender, Mailbox) else None,
        "source": source,
        "locale": locale,
        "payload": payload,
    }
    return json.dumps(asked).encode()


def result(status: int | None, output: bytes) -> Document:
    """The preview that a child found. ``status``: its exit code, None if it had to be ended.
    Raises ``TemplateError``."""
    if status == 0:
        answer: Document = json.loads(output)
        if "preview" in answer:
            return dict(answer["preview"])
        kind = UnknownVariable if answer["code"] == UnknownVariable.code else TemplateError
        raise kind(answer["message"], data=answer["data"])
    if status == MEMORY:
        raise TemplateError("text: takes more memory than a preview may; make it smaller")
    raise TemplateError(f"text: takes longer than a preview may ({CPU_SECONDS} s); make its loops shorter")


MEMORY = 4
"""The child's exit code when its memory was not enough."""


def _answer(asked: Document) -> Document:
    try:
        made = _made(asked)
        if made.problem is not None:
            raise made.problem
        document = made.document()
        _short_enough(document)
    except TemplateError as error:
        return {"code": error.code, "message": error.message, "data": error.data}
    return {"preview": document}


def _made(asked: Document) -> Preview | MailPreview:
    renderer = Renderer([Path(folder) for folder in asked["folders"]])
    usage_type, more = UsageType(asked["type"]), {name: asked[name] for name in ("locale", "payload", "source")}
    if asked["email"]:
        return mail_preview(renderer, usage_type, Mailbox(asked["provider"], asked["address"]), **more)
    return preview(renderer, usage_type, Channel.SMS, Sender(asked["provider"], asked["signName"]), **more)


def _short_enough(made: Document) -> None:
    for part, most in (("subject", TEXT_CHARACTERS), ("text", TEXT_CHARACTERS), ("html", HTML_CHARACTERS)):
        length = len(made.get(part) or "")
        if length > most:
            raise TemplateError(f"text: makes {length} characters; a preview shows at most {most}")


def _limit() -> None:
    """Limit the CPU time and the memory of this process, as far as the system can.

    Windows has neither limit: there the parent's time limit is the only one.
    """
    if hasattr(signal, "setitimer"):
        # The signal of this timer ends the process, also within one long call. RLIMIT_CPU counts whole seconds only.
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # macOS cannot limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main() -> int:
    asked = json.load(sys.stdin.buffer)
    _limit()
    try:
        answer = json.dumps(_answer(asked)).encode()
    except MemoryError:
        return MEMORY
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
