"""The checker of docs and files finds what it is for, and the locks fit pyproject.toml."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repo.check_docs import check, read_page

ROOT = Path(__file__).resolve().parents[2]


def problems(root: Path, files: dict[str, str]) -> list[str]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return [str(problem) for problem in check(root, sorted(files))]


GOOD_README = """# What it is?

[a page](docs/guide.md) [a heading](docs/guide.md#take-the-code-again) [here](#what-it-is)
[a folder](docs/) [a file with a line](gateway/cli.py#L3) [elsewhere](https://example.test/x)
![a picture](docs/phone%20screen.svg) [a marked place](docs/guide.md#place) [mail](mailto:a@example.test)
"""
GOOD_GUIDE = """Up to [the start](../README.md).

## Take the `code`, again

<a id="place"></a>
"""


def test_links_that_resolve_are_accepted(tmp_path: Path) -> None:
    files = {
        "README.md": GOOD_README,
        "docs/guide.md": GOOD_GUIDE,
        "docs/phone screen.svg": "<svg/>",
        "gateway/cli.py": "",
    }

    assert problems(tmp_path, files) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[x](docs/gone.md)", "leads to no file"),
        ("[x](../outside.md)", "leads to no file"),
        ("[x](docs/guide.md#gone)", "names no heading of docs/guide.md"),
        ("[x](#gone)", "names no heading of README.md"),
        ("[x](LICENSE#mit)", "is no page"),
        ("[x](/docs/guide.md)", "make it relative"),
        ("[x]()", "leads nowhere"),
        ("![x](docs/gone.png)", "leads to no file"),
        ("[x][ref]\n\n[ref]: docs/gone.md", "leads to no file"),
        ('<img src="docs/gone.png">', "leads to no file"),
        ("| a |\n|---|\n| [x](docs/gone.md) |", "leads to no file"),
    ],
)
def test_a_broken_link_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    files = {"README.md": f"# Title\n\n{text}\n", "docs/guide.md": "# Guide\n", "LICENSE": ""}

    (found,) = problems(tmp_path, files)

    assert re.match(r"README\.md:[345]: ", found)
    assert complaint in found


def test_a_link_in_a_code_block_is_no_link() -> None:
    assert read_page("```\n[x](gone.md)\n```\n\n`[x](gone.md)`\n").links == ()


def test_headings_of_the_same_words_get_numbers() -> None:
    assert read_page("# Bad input\n\n## Bad input\n\n# 验证码 (codes)\n").anchors == {
        "bad-input",
        "bad-input-1",
        "验证码-codes",
    }


# In two halves, so that this file may itself be committed.
@pytest.mark.parametrize(
    ("halves", "complaint"),
    [
        (("https://files.pythonhosted", ".org/x"), "host of a package registry"),
        (("https://registry.npmjs", ".org/"), "host of a package registry"),
        (("pip install --extra-index", "-url https://mirror.test/simple x"), "names a package index"),
        (("registry = ", "https://mirror.test/"), "names a package index"),
        (("https://mirror.test/x-1.0", ".whl"), "address of a package file"),
        (('"resolved": ', '"https://mirror.test/x"'), "address of a package file"),
        (("cd /ro", "ot/project"), "path of one machine"),
        (("file:///wo", "rk/main/x"), "path of one machine"),
        (("/ho", "me/somebody/project"), "path of one machine"),
        (("-----BEGIN RSA PRIV", "ATE KEY-----"), "a private key"),
        (("LTAI", "5tAbCdEfGhIjKlMnOpQr"), "access key of Aliyun"),
        (("AKIA", "ABCDEFGHIJKLMNOP"), "access key of AWS"),
        (("hf_", "a1" * 17), "a token"),
        (("ghp_", "a1" * 18), "a token"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_what_must_not_be_committed_is_found(tmp_path: Path, halves: tuple[str, str], complaint: str) -> None:
    (found,) = problems(tmp_path, {"notes.txt": f"first\n{''.join(halves)}\n"})

    assert found.startswith("notes.txt:2: holds ")
    assert complaint in found


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "LTAI" + "ExampleAccessKeyId",
        "https://example.test/work/" + "root/",
        "GET /api/work",
        "uv --no-emit-index-url",
        "PIP_INDEX_URL",
    ],
)
def test_harmless_text_is_left_alone(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, {"notes.txt": text}) == []


def test_a_lock_holds_no_address(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {"requirements.lock": "x @ https://mirror.test/x\n"})

    assert "a lock has names, versions and hashes only" in found


def test_bytes_are_not_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0 /ro" + b"ot/")

    assert check(tmp_path, ["picture.png"]) == []


def test_yaml_is_read_by_python_code_alone() -> None:
    """Without ``pure=True`` ruamel.yaml uses its C parser if that is installed, which refuses ``[http://a]``."""
    calls = [
        (path.relative_to(ROOT).as_posix(), node.lineno, [ast.unparse(keyword) for keyword in node.keywords])
        for folder in ("gateway", "clients", "tests", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if b"ruamel" in (content := path.read_bytes())
        for node in ast.walk(ast.parse(content))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "YAML"
    ]

    assert any(path.startswith("gateway/") for path, _, _ in calls)
    assert [call for call in calls if "pure=True" not in call[2]] == []


def locked(name: str) -> dict[str, str]:
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


def wanted(project: dict[str, Any], group: str) -> list[Requirement]:
    return [Requirement(entry) for entry in project["dependency-groups"][group] if isinstance(entry, str)]


def test_every_dependency_is_pinned_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = [Requirement(entry) for entry in project["project"]["dependencies"]]
    by_lock = {
        "requirements.lock": runtime,
        "requirements-build.lock": wanted(project, "build"),
        "requirements-dev.lock": [*runtime, *wanted(project, "build"), *wanted(project, "dev")],
    }

    unfit = [
        f"{lock}: {requirement}"
        for lock, requirements in by_lock.items()
        for requirement in requirements
        if locked(lock).get(canonicalize_name(requirement.name), "") not in requirement.specifier
    ]

    assert unfit == [], "run `make lock`"


def test_the_locks_agree_so_that_they_can_be_installed_together() -> None:
    everything = locked("requirements-dev.lock")

    for name in ("requirements.lock", "requirements-build.lock"):
        assert locked(name).items() <= everything.items()
