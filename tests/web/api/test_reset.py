"""A reset empties every part of the gateway."""

from __future__ import annotations

from dataclasses import fields

from tests.support.running_gateway import RunningGateway
from tests.support.social_gateway import running_social


async def test_reset_empties_every_part_that_can_forget(server: RunningGateway) -> None:
    services = server.gateway.services
    parts = {field.name: getattr(services, field.name) for field in fields(services)}
    can_forget = {name for name, part in parts.items() if hasattr(part, "forget")}
    listed = {name for name, part in parts.items() if any(part is one for one in services.forgetful.values())}
    assert listed == can_forget
    assert len(listed) == len(services.forgetful)


async def test_reset_forgets_begun_sign_ins() -> None:
    async with running_social() as social:
        await social.begin()
        state, cookie = await social.start()
        await social.server.ask("POST", "/api/reset", {})
        finished = await social.finish()
        landed = await social.land(state, cookie)
        expected = (400, "session.connector_validation_session_not_found")
        assert (finished.status, finished.code) == expected
        assert (landed.status, landed.code) == expected
        assert social.provider.asked == []
