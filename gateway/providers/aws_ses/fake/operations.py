"""The names of all operations that this fake knows, native or not."""

from __future__ import annotations

from gateway.providers.aws_ses.fake.v1.operations import ACTIONS
from gateway.providers.aws_ses.fake.v1.operations import OTHERS as V1_OTHERS
from gateway.providers.aws_ses.fake.v2.operations import NATIVE
from gateway.providers.aws_ses.fake.v2.other_operations import OTHERS as V2_OTHERS

V1_NATIVE = frozenset(ACTIONS.native)
V2_NATIVE = frozenset(row.name for row in NATIVE)
NAMES = V1_NATIVE | V2_NATIVE | V1_OTHERS | {name for name, _, _ in V2_OTHERS} | {"ConfirmVerification"}
