"""A real browser for pages and mails, and how readable what it shows is.

Needs Chromium (CHROMIUM names it). Without one its tests are skipped, and fail where all tools must be there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome")

# For every element with text of its own: the text, its colour, the one behind it, its size.
LOOK = """() => {
  const solid = color => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return a ? [r, g, b] : null;
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join("");
    if (!text || !element.checkVisibility({opacityProperty: true})) continue;
    const style = getComputedStyle(element);
    let behind = null;
    for (let at = element; at && !behind; at = at.parentElement) {
      behind = solid(getComputedStyle(at).backgroundColor);
    }
    found.push({text, color: solid(style.color), behind, size: parseFloat(style.fontSize)});
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A browser with further arguments."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        if os.environ.get("GATEWAY_REQUIRE_ALL"):
            pytest.fail("Chromium is missing: install it, or name it in CHROMIUM")
        pytest.skip("needs Chromium")  # make test-all and CI fail instead: GATEWAY_REQUIRE_ALL
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # A container has no namespaces for the sandbox; the pages are ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *arguments])
        yield browser
        browser.close()
