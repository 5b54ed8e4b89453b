"""One lenient and one strict server for all tests of the fake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.aws_ses.both_versions import Both
from tests.providers.aws_ses.served_fake import STRICT, Served, a_region, serving


@pytest.fixture(scope="session")
def lenient() -> Iterator[Served]:
    with serving() as served:
        yield served


@pytest.fixture(scope="session")
def strict() -> Iterator[Served]:
    with serving(**STRICT) as served:
        yield served


@pytest.fixture
def region() -> str:
    return a_region()


@pytest.fixture
def ses(lenient: Served, region: str) -> Any:
    """boto3 at the lenient fake, in a region of its own."""
    return lenient.client(region)


@pytest.fixture
def both(lenient: Served, region: str) -> Both:
    """boto3 at the lenient fake in both versions, in a region of its own."""
    return Both(lenient, lenient.client(region, service="ses"), lenient.client(region))
