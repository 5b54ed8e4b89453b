"""Checks that no linter does: links of the docs, and what must never be committed.

``python tests/repo/check_docs.py`` prints one line a problem; exit code 1 if there is any.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

TOP_LEVEL_DOCS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_HTML_LINK = re.compile(r"""<(?:a|img)\b[^>]*?\b(?:href|src)=["']([^"']*)["']""", re.IGNORECASE)
_HTML_ANCHOR = re.compile(r"""<[a-z][^>]*?\b(?:id|name)=["']([^"']+)["']""", re.IGNORECASE)

# Written so that no pattern matches its own source.
FORBIDDEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "the host of a package registry",
        re.compile(r"\b(?:pypi|pythonhosted|npmjs|npmmirror|yarnpkg)\.(?:org|com|io)\b"),
    ),
    (
        "a setting that names a package index",
        re.compile(r"--(?:extra-)?index-url\b|\bregistry *= *[\"']?http"),
    ),
    (
        "the address of a package file",
        re.compile(r"https?://[^\s\"']+\.(?:whl|tgz|tar\.gz)\b|\"resolved\": *\"http"),
    ),
    (
        "a path of one machine",
        re.compile(r"(?<![\w.-])/(?:work|root)/|/(?:home|Users)/[\w.-]+/|[A-Z]:\\Users\\|bash[_]jobs"),
    ),
    ("a private key", re.compile(r"-{5}BEGIN (?:[A-Z]+ )*PRIVATE KEY-{5}")),
    (
        "an access key of Aliyun",
        re.compile(r"\bLTAI(?!\w*(?:example|fake|demo|test|sandbox))[0-9A-Za-z]{12,}\b", re.IGNORECASE),
    ),
    ("an access key of AWS", re.compile(r"\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[0-9A-Z]{16}\b")),
    (
        "a token",
        re.compile(r"\b(?:gh[opsur]_\w{36}|github_pat_\w{30,}|hf_[0-9A-Za-z]{30,}|xox[abp]-[\w-]{20,})"),
    ),
)


@dataclass(frozen=True)
class Problem:
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Page:
    """What matters of a Markdown file: its links with their lines, and the anchors others may use."""

    links: tuple[tuple[int, str], ...]
    anchors: frozenset[str]


def list_files(root: Path) -> list[str]:
    """All files that git has, or would have after `git add .`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode()
    return sorted(path for path in set(listed.split("\0")) if path and (root / path).is_file())


def read_page(text: str) -> Page:
    links: list[tuple[int, str]] = []
    anchors: set[str] = set(_HTML_ANCHOR.findall(text))
    tokens = _MARKDOWN.parse(text)
    for position, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 1
        for part in (token, *(token.children or ())):
            links.extend((line, target) for target in _targets(part))
        if token.type == "heading_open":
            anchors.add(_slug(tokens[position + 1], anchors))
    return Page(tuple(links), frozenset(anchors))


def _targets(token: Token) -> Iterator[str]:
    if token.type in {"html_block", "html_inline"}:
        yield from _HTML_LINK.findall(token.content)
    elif token.type == "link_open":
        yield str(token.attrs["href"])
    elif token.type == "image":
        yield str(token.attrs["src"])


def _slug(heading: Token, taken: set[str]) -> str:
    """The anchor that GitHub gives a heading; a second one of the same words gets -1."""
    words = "".join(part.content for part in heading.children or () if part.type in {"text", "code_inline"})
    slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
    number = 0
    while (candidate := f"{slug}-{number}" if number else slug) in taken:
        number += 1
    return candidate


def check_links(root: Path, files: Sequence[str]) -> Iterator[Problem]:
    known = set(files) | {str(parent) for path in files for parent in PurePosixPath(path).parents}
    docs = [path for path in files if path in TOP_LEVEL_DOCS or (path.startswith("docs/") and path.endswith(".md"))]
    pages = {path: read_page((root / path).read_text("utf-8")) for path in files if path.endswith(".md")}
    for path in docs:
        for line, link in pages[path].links:
            if not _EXTERNAL.match(link) and (fault := _fault_of_link(path, link, known, pages)):
                yield Problem(path, line, f"the link {link!r} {fault}")


def _fault_of_link(path: str, link: str, known: set[str], pages: dict[str, Page]) -> str | None:
    name, _, anchor = unquote(link).partition("#")
    if name.startswith("/"):
        return "starts at the root of a site: make it relative"
    if not name and not anchor:
        return "leads nowhere"
    target = normpath(str(PurePosixPath(path).parent / name)) if name else path
    if target not in known:
        return "leads to no file of the repository"
    if not anchor:
        return None
    if target in pages:
        return None if anchor in pages[target].anchors else f"names no heading of {target}"
    return None if re.fullmatch(r"L\d+(?:-L\d+)?", anchor) else f"has an anchor, but {target} is no page"


def check_texts(root: Path, files: Sequence[str]) -> Iterator[Problem]:
    for path in files:
        raw = (root / path).read_bytes()
        if b"\0" in raw:
            continue
        lines = raw.decode("utf-8", "replace").splitlines()
        for number, text in enumerate(lines, 1):
            for what, pattern in FORBIDDEN:
                if pattern.search(text):
                    yield Problem(path, number, f"holds {what}")
            if path.endswith(".lock") and "://" in text:
                yield Problem(path, number, "holds an address: a lock has names, versions and hashes only")


def check(root: Path, files: Sequence[str] | None = None) -> list[Problem]:
    """Every problem of a repository. ``files``: paths below ``root``; by default what git lists."""
    listed = list_files(root) if files is None else files
    return [*check_links(root, listed), *check_texts(root, listed)]


def main() -> int:
    problems = check(Path(__file__).resolve().parents[2])
    for problem in problems:
        print(problem)
    print(
        f"Docs and files: {len(problems)} problems." if problems else "Docs and files: nothing to complain about."
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
