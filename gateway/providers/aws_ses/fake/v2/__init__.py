"""SES v2: REST with JSON, ``/v2/email/...``."""

from __future__ import annotations

from gateway.providers.aws_ses.fake.plan import Version
from gateway.providers.aws_ses.fake.v2 import envelope, reading
from gateway.providers.aws_ses.fake.v2.operations import ROUTES

VERSION = Version("v2", False, ROUTES.find, reading.read, envelope.success, envelope.error)
