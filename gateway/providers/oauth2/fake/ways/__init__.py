"""Ways: what a shape does otherwise than the generic one. ``WAYS`` knows them by the shape's name."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.ways import github, google, huggingface
from gateway.providers.oauth2.fake.ways.way import Way

GENERIC = Way()
WAYS: Mapping[str, Way] = {"huggingface": huggingface.WAY, "github": github.WAY, "google": google.WAY}


def of(call: Call) -> Way:
    return WAYS.get(call.issuer.shape.name, GENERIC)
