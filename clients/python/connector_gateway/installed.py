"""Whether this interpreter can run the server: ``python -P installed.py``.

The kit runs this file with the interpreter and the environment that would run the server, and reads one word. Many
projects have a package called ``gateway``, so a package of that name is not enough: it has to be the one that the
distribution ``connector-gateway`` installed. Nothing of it is imported.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

SERVER = "connector-gateway"
FILE = "gateway/__init__.py"

ABSENT, HIDDEN, READY = "absent", "hidden", "ready"
"""Not installed here; installed, but ``import gateway`` finds another package; installed, and it finds ours."""


def look() -> str:
    """Return ABSENT, HIDDEN or READY."""
    try:
        server = distribution(SERVER)
    except PackageNotFoundError:
        return ABSENT
    found = find_spec("gateway")
    if found is None or found.origin is None:
        return HIDDEN
    return READY if is_ours(Path(found.origin), server) else HIDDEN


def is_ours(found: Path, server: Distribution) -> bool:
    """Whether the file is the one that this distribution installed, as a wheel or as an editable checkout."""
    for file in server.files or ():
        if file.as_posix() == FILE:
            # Another distribution with a package of that name may have overwritten the file.
            return found == Path(str(file.locate())) and found.stat().st_size == file.size
    source = json.loads(server.read_text("direct_url.json") or "{}")
    checkout = unquote(urlsplit(str(source.get("url", ""))).path)
    return bool(checkout) and found.resolve() == Path(checkout, FILE).resolve()


if __name__ == "__main__":
    sys.stdout.write(look())
