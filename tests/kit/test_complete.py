"""The kit says all that the API can be told, and no more: nobody has to leave it for one field."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Required, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from connector_gateway import Gateway, Organization
from gateway.web.api import directories


def arguments(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self", "id"}


@pytest.mark.parametrize(
    ("function", "body", "otherwise"),
    [
        # One secret; two come from `rotate`.
        (Gateway.client, directories.ClientInput, {"secrets": "secret"}),
        (Gateway.persona, directories.PersonaInput, {}),
    ],
)
def test_a_call_of_the_kit_takes_every_field_of_the_api(
    function: Callable[..., Any], body: type[BaseModel], otherwise: dict[str, str]
) -> None:
    assert arguments(function) == {otherwise.get(name, name) for name in body.model_fields}


def test_an_organization_has_every_field_of_the_api() -> None:
    fields = directories.OrganizationInput.model_fields
    assert set(Organization.__annotations__) == {row.alias or name for name, row in fields.items()}
    hints = get_type_hints(Organization, include_extras=True)
    required = {name for name, hint in hints.items() if get_origin(hint) is Required}
    assert required == {name for name, row in fields.items() if row.is_required()}
