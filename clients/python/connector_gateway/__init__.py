"""The client kit of the connector gateway: what a test, or a script, needs to read back what an app sent.

It knows the gateway over HTTP only and needs nothing but the standard library. The pytest plugin (fixtures
``gateway`` and ``gateway_server``) is loaded by its entry point.

    with Server() as server, Gateway(server.url) as gateway:
        phone = gateway.phone()
        app.request_code(phone)
        assert app.sign_in(phone, gateway.code(phone))
"""

from connector_gateway.aio import AsyncGateway
from connector_gateway.client import Gateway
from connector_gateway.clock import Clock
from connector_gateway.errors import (
    CodeTimeout,
    GatewayError,
    GatewayUnreachable,
    IncompatibleGateway,
    NoRequest,
    UnexpectedMessage,
)
from connector_gateway.faults import Fault
from connector_gateway.pins import Pin
from connector_gateway.server import ExternalServer, Server
from connector_gateway.social import Client, OAuthRequest, Organization, Persona
from connector_gateway.values import Attachment, Capture, Outcome, Recipient

__all__ = [
    "AsyncGateway",
    "Attachment",
    "Capture",
    "Client",
    "Clock",
    "CodeTimeout",
    "ExternalServer",
    "Fault",
    "Gateway",
    "GatewayError",
    "GatewayUnreachable",
    "IncompatibleGateway",
    "NoRequest",
    "OAuthRequest",
    "Organization",
    "Outcome",
    "Persona",
    "Pin",
    "Recipient",
    "Server",
    "UnexpectedMessage",
]
