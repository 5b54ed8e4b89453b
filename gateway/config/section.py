"""What all sections of the config file have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

TOGETHER = "together"
"""The type of an error about several keys. ``loading`` finds those by itself, also beside other errors."""

# An empty one (of an empty variable, say) would be a door without a lock.
Secret = Annotated[SecretStr, Field(min_length=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)
