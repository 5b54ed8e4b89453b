"""What templates there are, and whether the set of them is whole."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.core import data_files
from gateway.core.model import Channel, Document, UsageType
from gateway.rendering.findings import Finding
from gateway.rendering.lint import RULES
from gateway.rendering.locales import DEFAULT_LOCALE
from gateway.rendering.templates import Renderer

_NAMES = {usage_type.value: usage_type for usage_type in UsageType}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that is in use: ``file`` is relative to its ``folder``."""

    channel: Channel
    locale: str
    usage_type: UsageType
    folder: Path
    file: str
    origin: Literal["built-in", "overlay"]

    def document(self) -> Document:
        try:
            source = (self.folder / self.file).read_text(encoding="utf-8", errors="replace")
        except OSError:  # gone since it was listed, or not ours to read
            source = ""
        return {
            "channel": self.channel.value,
            "locale": self.locale,
            "type": self.usage_type.value,
            "file": self.file,
            "origin": self.origin,
            "source": source,
        }


def origin(folder: Path) -> Literal["built-in", "overlay"]:
    return "built-in" if folder.resolve() == data_files.folder("templates").resolve() else "overlay"


def entries(renderer: Renderer) -> list[Entry]:
    """All templates by channel, locale and usage type; one that an overlay replaces is not among them."""
    found = []
    for channel in Channel:
        for locale in renderer.locales(channel):
            for name, usage_type in _NAMES.items():
                file = f"{channel}/{locale}/{name}.j2"
                folder = next((one for one in renderer.folders if (one / file).is_file()), None)
                if folder is not None:
                    found.append(Entry(channel, locale, usage_type, folder, file, origin(folder)))
    return found


def lint_catalog(renderer: Renderer, channel: Channel) -> list[Finding]:
    """What is missing or superfluous in the folders of a channel."""
    there = [entry for entry in entries(renderer) if entry.channel is channel]
    found = []
    for locale in sorted({DEFAULT_LOCALE, *renderer.locales(channel)} if there else ()):
        if not any(one.locale == locale and one.usage_type is UsageType.GENERIC for one in there):
            file = f"{channel}/{locale}/{UsageType.GENERIC}.j2"
            fix = f"{locale} has no Generic.j2: a usage type without a file is sent in another language; write one"
            found.append(Finding("missing-generic", RULES["missing-generic"].severity, file, 1, fix))
    return [*found, *(_unknown_file(file) for file in _strangers(renderer, channel))]


def _strangers(renderer: Renderer, channel: Channel) -> Iterator[str]:
    for folder in renderer.folders:
        for locale in renderer.locales(channel):
            for path in sorted((folder / channel / locale).glob("*")):
                hidden = path.name.startswith((".", "_"))  # of an editor, or a part that others include
                if path.is_file() and not hidden and (path.suffix != ".j2" or path.stem not in _NAMES):
                    yield path.relative_to(folder).as_posix()


def _unknown_file(file: str) -> Finding:
    name = Path(file).name
    near = difflib.get_close_matches(name, [f"{known}.j2" for known in _NAMES], 1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "begin its name with _ if others include it"
    return Finding(
        "unknown-file", RULES["unknown-file"].severity, file, 1, f"{name} is no usage type, nobody uses it; {hint}"
    )
