"""What the launcher runs in the server's own process: ``python -P .../connector_gateway/_serve.py serve``.

The package ``gateway`` is not looked up on ``sys.path``, where a folder of the user's own project may bear
that name, but taken from beside this package: a distribution has both side by side, in site-packages as in an
editable install. It is loaded by its name as a string: the kit imports nothing of the gateway.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

SEARCH = "CONNECTOR_GATEWAY_SEARCH"
"""The environment variable with the launching process's ``sys.path``."""


def load(name: str, beside: Path) -> None:
    """Make ``import name`` mean the package in the folder ``beside``, whatever ``sys.path`` says."""
    spec = importlib.util.spec_from_file_location(name, beside / name / "__init__.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{beside / name} is not a package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def main() -> None:
    # Last, so that it adds what is installed in unusual places (pip --target, Nix) and shadows nothing.
    search = os.environ.pop(SEARCH, "").split(os.pathsep)
    sys.path.extend(folder for folder in search if folder and folder not in sys.path)
    load("gateway", Path(__file__).resolve().parent.parent)
    importlib.import_module("gateway.cli").main(prog_name="gateway")


if __name__ == "__main__":
    main()
