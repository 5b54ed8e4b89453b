"""One request at a fake and its answer, as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.folded import Folded, Parts
from gateway.core.model import Document, Masked, Pairs, Request, Response, iso


@dataclass(slots=True)
class Exchange:
    """Refused ones too. ``masked``: what is shown of them, None for all."""

    provider: str
    request: Request
    response: Response
    ended_at: float
    masked: Masked | None = None

    def document(self) -> Document:
        return self.whole(*self.parts())

    def folded(self) -> Folded:
        return Folded(self.parts, self.whole)

    def parts(self) -> Parts:
        request, response = self.request, self.response
        if self.masked is not None:
            request, response = self.masked(request, response)
        verdict = self.response.verdict
        wire = response.wire
        return (
            request.exchange_id,
            self.provider,
            verdict.operation,
            verdict.accepted,
            verdict.code,
            verdict.key_id,
            verdict.signature,
            [recipient.to for recipient in verdict.recipients],
            verdict.capture_ids,
            verdict.fault_ids,
            dict(verdict.explanation),
            request.received_at,
            self.ended_at,
            request.method,
            request.target,
            request.host,
            request.peer,
            request.headers,
            readable(request.body),
            request.oversized,
            response.status,
            response.headers,
            readable(response.body),
            not (wire.hang or wire.reset or wire.fin),
        )

    @staticmethod
    def whole(
        name: str,
        provider: str,
        operation: str | None,
        accepted: bool,
        code: str | None,
        key_id: str | None,
        signature: str | None,
        to: list[str],
        capture_ids: Sequence[str],
        fault_ids: Sequence[str],
        explanation: Document,
        received_at: float,
        ended_at: float,
        method: str,
        target: str,
        host: str,
        peer: str,
        headers: Pairs,
        body: str,
        oversized: bool,
        status: int,
        answer_headers: Pairs,
        answer_body: str,
        answered: bool,
    ) -> Document:
        return {
            "id": name,
            "provider": provider,
            "operation": operation,
            "accepted": accepted,
            "code": code,
            "keyId": key_id,
            "signature": signature,
            "to": to,
            "captureIds": list(capture_ids),
            "faultIds": list(fault_ids),
            "explanation": explanation,
            "at": iso(received_at),
            "milliseconds": round((ended_at - received_at) * 1000, 3),
            "request": {
                "method": method,
                "target": target,
                "host": host,
                "peer": peer,
                "headers": headers,
                "body": body,
                "oversized": oversized,
            },
            "response": {
                "status": status,
                "headers": answer_headers,
                "body": answer_body,
                "answered": answered,
            },
        }


def readable(body: bytes) -> str:
    """Bytes as text for people: UTF-8, and latin-1 where they are not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")
