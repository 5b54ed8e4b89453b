"""Previews for the API. A template that the caller sends is rendered in a process of its own."""

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
_SECONDS = 10.0  # real time: on a busy machine, the child's second of CPU time takes longer
# The variables that Python needs to start. The others may hold tokens, which the child must not see.
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")


class Previews:
    """Renders previews, at most two unsaved ones at once. ``renderer``: the one that renders messages."""

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
        """Render a template that is not saved.

        Raises TemplateError, also for a source that takes too much time or memory.
        """
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
        if child.returncode is None:  # too late, or the caller has disconnected
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
