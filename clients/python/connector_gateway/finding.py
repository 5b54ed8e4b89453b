"""Find a server to start: the package in this environment, or the command ``connector-gateway`` on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from connector_gateway.errors import GatewayUnreachable

__tracebackhide__ = True

COMMAND = "connector-gateway"

WAYS = """\
* install it into this environment: pip install "pytest-connector-gateway[server]"
* install it on its own, as a command on PATH: uv tool install connector-gateway
* name one that is running: CONNECTOR_GATEWAY_URL, or pytest --gateway-url URL"""

# What the environment of a test run says to Python, or to a gateway, is not meant for the server.
_OF_PYTHON = ("PYTHONPATH", "PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONHOME")
_OF_GATEWAYS = ("GATEWAY_", "CONNECTOR_GATEWAY_")


def find_command() -> list[str]:
    """Return the command that runs the gateway's command line.

    The package of this environment comes first, then ``connector-gateway`` beside this interpreter, then the one on
    PATH. Raises GatewayUnreachable, with the ways to get a server, if there is none.
    """
    from connector_gateway.installed import HIDDEN, READY  # loads what a run that starts no server does without

    package = _look_for_package()
    if package == READY:
        return [sys.executable, "-P", "-m", "gateway"]
    here = Path(sys.executable).parent
    folders = [folder for folder in os.get_exec_path() if folder]
    if package == HIDDEN:
        # The command beside this interpreter imports the same wrong package.
        folders = [folder for folder in folders if Path(folder) != here]
    else:
        folders.insert(0, str(here))
    if command := shutil.which(COMMAND, path=os.pathsep.join(folders)):
        return [command]
    hidden = f"; a package called `gateway` hides the one of {COMMAND} in {sys.prefix}" if package == HIDDEN else ""
    raise GatewayUnreachable(f"there is no gateway server to start{hidden}. Choose one of:\n{WAYS}")


def server_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of this process without those that are meant for the tests, or for their Python."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _OF_PYTHON and not name.startswith(_OF_GATEWAYS)
    }


def _look_for_package() -> str:
    """What ``installed`` says in a process such as the server's: its search path is not that of this process."""
    script = Path(__file__).with_name("installed.py")
    done = subprocess.run(  # noqa: S603 - our own interpreter and file
        [sys.executable, "-P", str(script)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=server_environment(os.environ),
        check=False,
    )
    return done.stdout.decode().strip()
