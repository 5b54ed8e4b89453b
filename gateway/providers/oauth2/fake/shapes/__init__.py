"""Shapes: what one provider has that another has not. ``SHAPES`` knows them by name."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.providers.oauth2.fake.shapes.generic import OAUTH2, OIDC
from gateway.providers.oauth2.fake.shapes.shape import Shape

SHAPES: Mapping[str, Shape] = {"oauth2": OAUTH2, "oidc": OIDC}
