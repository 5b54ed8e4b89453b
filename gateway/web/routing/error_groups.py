"""Errors that several calls of the API have in common, for their descriptions."""

from __future__ import annotations

from gateway.core import errors
from gateway.providers import social
from gateway.verification import errors as verification

OF_A_SEND: tuple[type[errors.GatewayError] | str, ...] = (
    errors.ConnectorError,
    errors.InvalidConfig,
    errors.TemplateNotFound,
    errors.NotOnAllowList,
    errors.DailyCap,
    errors.UnexpectedType,
    errors.RateLimited,
    errors.UsageLimited,
    errors.InvalidResponse,
    "template.invalid",
    "template.unknown_variable",
)
"""What sending a message may raise; the other classes have the codes of these."""

OF_A_CHECK: tuple[type[errors.GatewayError], ...] = (
    verification.Blocked,
    verification.CodeNotFound,
    verification.CodeExpired,
    verification.TriesUsedUp,
    verification.CodeMismatch,
)
"""What checking a code may raise."""

OF_A_SIGN_IN: tuple[type[errors.GatewayError] | str, ...] = (
    errors.ConnectorError,
    errors.InvalidConfig,
    errors.UnexpectedType,
    social.SignInRefused,
    social.AuthCodeInvalid,
    social.AccessTokenInvalid,
    social.IdTokenInvalid,
    errors.RateLimited,
    errors.InvalidResponse,
)
"""What a social driver may raise."""
