"""Preview untrusted templates in a child process with little time and memory.

Jinja's sandbox protects the rest of Python from a template, but bounds neither time nor memory: loops can be
nested, and ``"a" * 10**10`` is computed while the template is compiled. So the child limits itself, and the parent
ends it after a time limit. The child reads one question from stdin and writes one answer to stdout, both as JSON.
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
from gateway.rendering.preview import MailPreview, Preview, mail_preview, preview
from gateway.rendering.senders import Mailbox, Sender
from gateway.rendering.templates import Renderer

CPU_SECONDS = 0.5
MEMORY_BYTES = 512 * 1024 * 1024  # of address space; an idle child takes about 100 MiB
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
    """Return the input of the child. A ``Mailbox`` asks for an email, a ``Sender`` for an SMS."""
    values = {
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
    return json.dumps(values).encode()


def result(status: int | None, output: bytes) -> Document:
    """Return the preview from the output of the child.

    Args:
        status: The exit code of the child. None if it was ended after the time limit.

    Raises:
        TemplateError: The template is broken, or it takes too much time or memory.
    """
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
"""Exit code of a child that ran out of memory."""


def _answer(values: Document) -> Document:
    try:
        shown = _preview(values)
        if shown.problem is not None:
            raise shown.problem
        document = shown.document()
        _check_length(document)
    except TemplateError as error:
        return {"code": error.code, "message": error.message, "data": error.data}
    return {"preview": document}


def _preview(values: Document) -> Preview | MailPreview:
    renderer = Renderer([Path(folder) for folder in values["folders"]])
    usage_type, more = UsageType(values["type"]), {name: values[name] for name in ("locale", "payload", "source")}
    if values["email"]:
        return mail_preview(renderer, usage_type, Mailbox(values["provider"], values["address"]), **more)
    return preview(renderer, usage_type, Channel.SMS, Sender(values["provider"], values["signName"]), **more)


def _check_length(document: Document) -> None:
    for part, most in (("subject", TEXT_CHARACTERS), ("text", TEXT_CHARACTERS), ("html", HTML_CHARACTERS)):
        length = len(document.get(part) or "")
        if length > most:
            raise TemplateError(f"text: makes {length} characters; a preview shows at most {most}")


def _limit() -> None:
    """Limit the CPU time and the memory of this process, as far as the system can.

    Windows has neither limit: there the parent's time limit is the only one.
    """
    if hasattr(signal, "setitimer"):
        # The signal of this timer ends the process, also within one long call. RLIMIT_CPU has whole seconds only.
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # macOS cannot limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main() -> int:
    values = json.load(sys.stdin.buffer)
    _limit()
    try:
        answer = json.dumps(_answer(values)).encode()
    except MemoryError:
        return MEMORY
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
