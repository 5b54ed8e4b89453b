"""Previews for the API: saved templates here, those that somebody sends along in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from typing import Any

from gateway.core.model import Document, UsageType
from gateway.rendering import Renderer, bounded
from gateway.rendering.senders import Mailbox, Sender

_AT_ONCE = 2
_SECONDS = 10.0  # real ones: on a busy machine the child waits for its second of work
# What a Python needs to start. The rest of our environment holds tokens and is nobody's business there.
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")


class Previews:
    """``renderer``: the one that messages are rendered with."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def unsaved(
        self,
        usage_type: UsageType,
        sender: Sender | Mailbox,
        source: str,
        locale: str | None,
        payload: Mapping[str, Any] | None,
    ) -> Document:
        """Raises ``TemplateError``, also for a source that takes too much time or memory."""
        asked = bounded.question(self.renderer, usage_type, sender, source, locale, payload)
        async with self._room:
            return bounded.result(*await _run(asked))


async def _run(asked: bytes) -> tuple[int | None, bytes]:
    child = await asyncio.create_subprocess_exec(
        *bounded.COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a traceback could hold the payload
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
    )
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await child.communicate(asked)
    except TimeoutError:
        return None, b""
    else:
        return child.returncode, output
    finally:
        if child.returncode is None:  # late, or whoever asked is gone
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
