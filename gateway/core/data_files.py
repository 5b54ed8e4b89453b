"""The folders of data that come with the gateway: ``templates/`` and ``fixtures/``."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def folder(name: str) -> Path:
    """Return the folder of this name: from the installed package, or from the repository of an editable install.

    Raises FileNotFoundError if the installation is broken.
    """
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the folder {name}/ is missing from this installation of connector-gateway")
