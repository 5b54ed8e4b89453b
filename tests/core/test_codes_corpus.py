"""Every body of the frozen corpora gives the code that is written beside it. docs/codes.md says what they are."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gateway.extraction import extract

HERE = Path(__file__).parent


def bodies(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


CORPUS = bodies("codes_corpus.jsonl")


@pytest.mark.parametrize("name", ["codes_corpus.jsonl"])
def test_no_body_of_the_corpus_is_read_wrongly(name: str) -> None:
    corpus = bodies(name)
    wrong = []
    for body in corpus:
        found = extract(body["text"], body.get("html"), body.get("subject"))
        code = found.code if found else None
        if code != body["code"]:
            wrong.append(f"{body['lang']}, {body['note']}: {code} instead of {body['code']}")
    right = len(corpus) - len(wrong)
    assert not wrong, f"{right} of {len(corpus)} right; wrong: " + "; ".join(wrong)


def test_the_corpus_is_as_large_and_as_mixed_as_the_page_says() -> None:
    without = [body for body in CORPUS if body["code"] is None]
    languages = Counter(body["lang"] for body in CORPUS if body["code"])
    assert len(CORPUS) >= 200
    assert len(without) >= 60
    assert len(languages) >= 20
    assert len({(body["text"], body.get("html"), body.get("subject")) for body in CORPUS}) == len(CORPUS)
    assert all(body["note"] for body in CORPUS)
