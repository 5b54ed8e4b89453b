"""``store`` of the config file, parsed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FORMS = "memory, or sqlite:PATH such as sqlite:gateway.db"


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where state lives. ``path`` is the file of a SQLite store."""

    kind: Literal["memory", "sqlite"]
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> StoreConfig:
        """``memory``, ``memory:`` or ``sqlite:PATH``. Raises ValueError that says what would be right."""
        if text in {"memory", "memory:"}:
            return cls("memory")
        kind, _, path = text.partition(":")
        if kind != "sqlite" or not path.strip() or "\0" in path:
            raise ValueError(f"must be {FORMS}")
        if path == ":memory:":
            raise ValueError("write memory for a store that goes with the process")
        if path.startswith("//"):
            # sqlite:///x is a relative path to some libraries and an absolute one to others.
            raise ValueError("write the path alone, such as sqlite:gateway.db or sqlite:/var/lib/gateway.db")
        return cls("sqlite", Path(path))

    def under(self, folder: Path) -> StoreConfig:
        """The same with a path that starts at ``folder``; ``~`` is the home folder."""
        if self.path is None:
            return self
        try:
            return StoreConfig(self.kind, folder / self.path.expanduser())
        except RuntimeError:  # nobody's home
            return StoreConfig(self.kind, folder / self.path)

    def __str__(self) -> str:
        return "memory" if self.path is None else f"{self.kind}:{self.path}"
