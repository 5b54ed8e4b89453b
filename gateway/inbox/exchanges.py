"""One request at a fake and its answer, as they are kept."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.model import Document, Masked, Request, Response, iso


@dataclass(slots=True)
class Exchange:
    """Refused ones too. ``masked``: what is shown of them, None for all."""

    provider: str
    request: Request
    response: Response
    ended_at: float
    masked: Masked | None = None

    def document(self) -> Document:
        """Return the exchange as the API shows it."""
        request, response = self.request, self.response
        if self.masked is not None:
            request, response = self.masked(request, response)
        verdict, wire = self.response.verdict, response.wire
        return {
            "id": request.exchange_id,
            "provider": self.provider,
            "operation": verdict.operation,
            "accepted": verdict.accepted,
            "code": verdict.code,
            "keyId": verdict.key_id,
            "signature": verdict.signature,
            "to": [recipient.to for recipient in verdict.recipients],
            "captureIds": list(verdict.capture_ids),
            "faultIds": list(verdict.fault_ids),
            "explanation": dict(verdict.explanation),
            "at": iso(request.received_at),
            "milliseconds": round((self.ended_at - request.received_at) * 1000, 3),
            "request": {
                "method": request.method,
                "target": request.target,
                "host": request.host,
                "peer": request.peer,
                "headers": request.headers,
                "body": readable(request.body),
                "oversized": request.oversized,
            },
            "response": {
                "status": response.status,
                "headers": response.headers,
                "body": readable(response.body),
                "answered": not (wire.hang or wire.reset or wire.fin),
            },
        }


def readable(body: bytes) -> str:
    """Bytes as text for people: UTF-8, and latin-1 where they are not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")
