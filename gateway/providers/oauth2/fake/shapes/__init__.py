"""Shapes: what one provider has that another has not, as data. ``SHAPES`` knows them by name."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.providers.oauth2.fake.shapes.generic import OAUTH2, OIDC
from gateway.providers.oauth2.fake.shapes.github import GITHUB
from gateway.providers.oauth2.fake.shapes.google import GOOGLE
from gateway.providers.oauth2.fake.shapes.huggingface import HUGGINGFACE
from gateway.providers.oauth2.fake.shapes.shape import Shape

SHAPES: Mapping[str, Shape] = {one.name: one for one in (OAUTH2, OIDC, HUGGINGFACE, GITHUB, GOOGLE)}
