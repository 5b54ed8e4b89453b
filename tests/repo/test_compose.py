"""compose.yaml and the Dockerfile: no engine runs here, so they are read instead."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gateway.cli import serve

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))


@pytest.fixture
def service() -> dict[str, Any]:
    compose = YAML(typ="safe", pure=True).load((ROOT / "compose.yaml").read_text("utf-8"))
    assert list(compose["services"]) == ["gateway"]
    loaded: dict[str, Any] = compose["services"]["gateway"]
    return loaded


def last(instruction: str) -> str:
    """What the last line of the Dockerfile with this instruction says."""
    found: list[str] = re.findall(rf"^{instruction} (.*)$", DOCKERFILE, re.MULTILINE)
    return found[-1].strip()


def test_the_file_fits_the_compose_schema() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "compose.yaml",
    ]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_published_on_loopback_only(service: dict[str, Any]) -> None:
    assert service["ports"] == [f"127.0.0.1:{last('EXPOSE')}:{last('EXPOSE')}"]
    assert "network_mode" not in service


def test_it_runs_without_rights_it_does_not_need(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - a mount point inside the container
    assert not {"privileged", "cap_add", "user"} & service.keys()
    assert service["volumes"] == ["data:/data"]  # a volume, and nothing of the host
    assert int(last("USER").split(":")[0]) > 0


def test_its_health_check_is_the_one_of_the_image(service: dict[str, Any]) -> None:
    options, _, command = last("HEALTHCHECK").partition(" CMD ")

    assert service["healthcheck"].pop("test") == ["CMD", *YAML(typ="safe", pure=True).load(command)]
    assert service["healthcheck"] == {
        name.replace("-", "_"): int(value) if value.isdigit() else value
        for name, value in re.findall(r"--([\w-]+)=(\w+)", options)
    }


def test_its_command_is_that_of_the_image_with_a_store_that_stays(service: dict[str, Any]) -> None:
    of_the_image = YAML(typ="safe", pure=True).load(last("CMD"))
    assert of_the_image[-2:] == ["--store", "memory"]
    assert service["command"] == [*of_the_image[:-1], "sqlite:/data/gateway.db"]
    assert "--chown=10001:10001 /data /data" in DOCKERFILE


def test_it_passes_on_variables_that_serve_reads(service: dict[str, Any]) -> None:
    names = [parameter.envvar for parameter in serve.command.params]
    assert set(service["environment"]) <= set(names)
    assert {"GATEWAY_TOKEN", "GATEWAY_ALLOW_HOSTS", "GATEWAY_ALLOW_ORIGINS"} <= set(service["environment"])
    # The root file system is read-only.
    assert service["environment"]["GATEWAY_TLS_FOLDER"] == "${GATEWAY_TLS_FOLDER:-/data/tls}"


def test_the_command_of_the_image_is_one_that_the_gateway_knows() -> None:
    program, (command, *arguments) = (
        YAML(typ="safe", pure=True).load(last("ENTRYPOINT")),
        YAML(typ="safe", pure=True).load(last("CMD")),
    )
    assert program == ["gateway"]

    asked = [sys.executable, "-c", "from gateway.cli import main; main()", command, "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    for argument in arguments:
        assert not argument.startswith("--") or argument in done.stdout


def test_what_the_image_copies_is_let_through_by_the_ignore_file() -> None:
    let_through = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in shlex.split(line)[:-1]
        if source != "."
    ]

    assert set(copied) <= set(let_through)
    assert [name for name in let_through if not (ROOT / name).exists()] == []
