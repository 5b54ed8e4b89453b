"""The names of all operations of Amazon SES: those that this fake has, and the others."""

from __future__ import annotations

from gateway.providers.aws_ses.fake.v1.operations import ACTIONS
from gateway.providers.aws_ses.fake.v1.operations import OTHERS as _V1_OTHERS
from gateway.providers.aws_ses.fake.v2.operations import NATIVE
from gateway.providers.aws_ses.fake.v2.other_operations import OTHERS as _V2_OTHERS

V1_NATIVE = frozenset(ACTIONS.native)
V1_OTHERS = frozenset(_V1_OTHERS)
V2_NATIVE = frozenset(row.name for row in NATIVE)
V2_OTHERS = frozenset(name for name, _, _ in _V2_OTHERS)
NAMES = V1_NATIVE | V2_NATIVE | V1_OTHERS | V2_OTHERS | {"ConfirmVerification"}
"""``ConfirmVerification`` is what the link in a mail does."""
