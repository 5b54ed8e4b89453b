"""The launcher, where things go wrong.

The command that it runs is a stand-in, and the kit is used from a process of its own. Which command it runs:
test_finding.py. With the real server: test_with_the_real_server.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from connector_gateway.versions import API_VERSION

Launch: TypeAlias = Callable[..., Any]

STAND_IN = f"""
import json, os, signal, sys

def announce(**more):
    print(json.dumps({{"url": "http://127.0.0.1:1", "apiVersion": {API_VERSION}, **more}}), flush=True)

def main():
"""

USER = """
import json, os
import connector_gateway.server
import functools, sys
from connector_gateway import GatewayUnreachable, IncompatibleGateway

Server = functools.partial(connector_gateway.Server, command=[sys.executable, os.path.abspath("stand_in.py")])

def failure(call):
    try:
        call()
    except (GatewayUnreachable, IncompatibleGateway) as error:
        return str(error)

def children():
    try:
        return os.waitpid(-1, os.WNOHANG)[0] or "running"
    except ChildProcessError:
        return "none"

def result():
"""


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """``launch(server, user)``: the body of the stand-in's ``main``, and of a function that uses the kit.

    Returns what that function returns.
    """
    project = tmp_path / "project"
    project.mkdir()

    def indented(body: str) -> str:
        return "".join(f"    {line}\n" for line in body.splitlines())

    def run(server: str, user: str, env: Mapping[str, str] | None = None) -> Any:
        (project / "stand_in.py").write_text(f"{STAND_IN}{indented(server)}\nmain()\n")
        script = project / "script.py"
        script.write_text(USER + indented(user) + "print(json.dumps(result()))\n")
        done = subprocess.run(
            [sys.executable, "-W", "error", str(script)],
            cwd=project,
            env={**os.environ, **(env or {})},
            capture_output=True,
            timeout=30,
            check=False,
        )
        # Nothing on stderr: no file, pipe or process was left open, which Python would warn about.
        assert (done.returncode, done.stderr.decode()) == (0, "")
        return json.loads(done.stdout)

    return run


def test_the_server_is_asked_for_a_free_port_an_empty_store_and_to_end_with_its_parent(launch: Launch) -> None:
    user = "with Server(config='gateway.yaml') as server:\n    return json.loads(server.url), os.getcwd()"
    arguments, cwd = launch("announce(url=json.dumps(sys.argv[1:]))\nsys.stdin.read()", user)
    always = ["serve", "--host", "127.0.0.1", "--port", "0", "--store", "memory:", "--json"]
    always += ["--log-level", "warning", "--with-parent"]
    assert arguments == [*always, "--config", f"{cwd}/gateway.yaml"]


def test_the_server_runs_in_an_empty_folder_that_is_gone_afterwards(launch: Launch) -> None:
    user = (
        "with Server() as server:\n"
        "    folder = server.url\n"
        "    listing = os.listdir(folder)\n"
        "return listing, os.path.exists(folder)"
    )
    assert launch("announce(url=os.getcwd())\nsys.stdin.read()", user) == [[], False]


def test_the_environment_is_passed_on_without_what_is_meant_for_the_tests(launch: Launch) -> None:
    seen = launch(
        "announce(url=json.dumps(dict(os.environ)))\nsys.stdin.read()",
        "with Server() as server:\n    return json.loads(server.url)",
        {
            "GATEWAY_URL": "http://elsewhere",
            "CONNECTOR_GATEWAY_TOKEN": "x",
            "PYTHONWARNINGS": "error",
            "LOGTO_TOKEN": "kept",
        },
    )
    assert seen["LOGTO_TOKEN"] == "kept"
    assert not [name for name in seen if name.startswith(("GATEWAY_", "CONNECTOR_GATEWAY_"))]
    assert not {"PYTHONPATH", "PYTHONWARNINGS"} & set(seen)


def test_what_the_server_said_is_in_the_error_when_it_does_not_start(launch: Launch) -> None:
    user = "return failure(Server().start), children()"
    assert launch("print('Error: port 0 is in use', file=sys.stderr)\nsys.exit(2)", user) == [
        "the gateway did not start (exit code 2). On stderr: Error: port 0 is in use",
        "none",
    ]


@pytest.mark.parametrize(("version", "word"), [(API_VERSION - 1, "old"), (API_VERSION + 2, "new")])
def test_a_server_that_does_not_fit_is_ended_and_reported(launch: Launch, version: int, word: str) -> None:
    said, children = launch(
        f"announce(apiVersion={version})\nsys.stdin.read()", "return failure(Server().start), children()"
    )
    assert said.startswith(f"the gateway at http://127.0.0.1:1 is too {word} for this kit: ")
    assert children == "none"


def test_a_server_one_version_newer_is_used(launch: Launch) -> None:
    user = "with Server() as server:\n    return server.url"
    assert launch(f"announce(apiVersion={API_VERSION + 1})\nsys.stdin.read()", user) == "http://127.0.0.1:1"


@pytest.mark.slow
def test_a_first_line_that_is_no_announcement_is_shown(launch: Launch) -> None:
    said, children = launch("print('hello')\nsys.exit(0)", "return failure(Server().start), children()")
    assert said == "the gateway did not start; it printed b'hello\\n' (exit code 0). On stderr: nothing"
    assert children == "none"


def test_a_server_that_says_nothing_is_given_up_and_ended(launch: Launch) -> None:
    user = "return failure(Server(start_timeout=0.1).start), children()"
    assert launch("sys.stdin.read()", user) == [
        "the gateway did not start within 0.1 s. On stderr: nothing",
        "none",
    ]


def test_a_server_that_does_not_mind_sigterm_is_killed(launch: Launch) -> None:
    server = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nannounce()\nsignal.pause()"
    user = (
        "connector_gateway.server.STOP_SECONDS = 0.1\n"
        "server = Server().start()\n"
        "process = server._running._popen\n"
        "server.stop()\n"
        "return process.returncode, children()"
    )
    assert launch(server, user) == [-9, "none"]


@pytest.mark.slow
def test_a_server_that_prints_much_is_never_blocked(launch: Launch, tmp_path: Path) -> None:
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    server = (
        f"announce()\nprint('x' * 1_000_000, flush=True)\nopen({fifo!r}, 'w').write('still here')\nsys.stdin.read()"
    )
    user = f"with Server(), open({fifo!r}) as fifo:\n    return fifo.read()"
    # The stand-in leaves its end to the garbage collector, so the text ends there.
    assert launch(server, user) == "still here"


def test_a_server_that_has_stopped_by_itself_is_reported_with_its_last_words(launch: Launch) -> None:
    user = "with Server() as server:\n    server._running._popen.wait()\n    return failure(server.check)"
    assert launch("announce()\nprint('out of memory', file=sys.stderr)\nsys.exit(3)", user) == (
        "the gateway that was started here has stopped by itself (exit code 3). On stderr: out of memory"
    )


@pytest.mark.slow
def test_a_server_can_be_started_again_and_has_an_address_only_while_it_runs(launch: Launch) -> None:
    user = """
def asked(server):
    try:
        return server.url
    except RuntimeError as error:
        return str(error)
server = Server()
found = [asked(server)]
for _ in range(2):
    with server:
        found.append(asked(server))
    found.append(asked(server))
server.stop()
return found
"""
    no = "the server is not started: use it in a `with` block, or call start()"
    yes = "http://127.0.0.1:1"
    assert launch("announce()\nsys.stdin.read()", user) == [no, yes, no, yes, no]


def test_the_end_of_the_launching_process_is_the_end_of_the_servers_input(launch: Launch, tmp_path: Path) -> None:
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    server = f"announce()\nsys.stdin.read()\nopen({fifo!r}, 'w').write('input ended')"
    # A child launches, and is killed; the server then writes into the pipe that this process reads.
    user = (
        "if os.fork() == 0:\n"
        "    Server().start()\n"
        "    os.kill(os.getpid(), 9)\n"
        "os.wait()\n"
        f"with open({fifo!r}) as fifo:\n"
        "    return fifo.read()"
    )
    assert launch(server, user) == "input ended"
