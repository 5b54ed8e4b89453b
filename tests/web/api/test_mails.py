"""The parts of a captured mail over HTTP: source, HTML for a browser, attachments."""

from __future__ import annotations

import email
from typing import Any

import pytest

from gateway.core.model import Mail
from gateway.inbox.inbox import CONTENTS
from tests.support.running_gateway import RunningGateway
from tests.support.samples import HTML, PDF, PNG, capture, mailed

ADA, BOB = "ada@example.com", "bob@example.com"


async def captured(server: RunningGateway, *to: str, **how: Any) -> list[dict[str, Any]]:
    await server.gateway.services.inbox.add(mailed(*(to or (ADA,)), **how))
    found: list[dict[str, Any]] = (await server.ask("GET", "/api/captures?order=asc")).json()["captures"]
    return found


async def test_a_capture_shows_links_and_where_its_attachments_are(server: RunningGateway) -> None:
    (shown,) = await captured(server)
    assert shown["links"] == ["https://app.example/in?a=1&b=2"]
    assert [one["url"] for one in shown["mail"]["attachments"]] == [
        f"/api/captures/{shown['id']}/attachments/0",
        f"/api/captures/{shown['id']}/attachments/1",
    ]
    assert (await server.ask("GET", f"/api/captures/{shown['id']}")).json() == shown
    waited = (await server.ask("POST", "/api/captures/wait", {"to": ADA, "timeout": 0})).json()
    assert waited["capture"] == shown


async def test_the_source_is_a_file_for_mail_programs(server: RunningGateway) -> None:
    (shown,) = await captured(server)
    answer = await server.ask("GET", f"/api/captures/{shown['id']}/eml")
    assert (answer.status, answer.header("content-type")) == (200, "message/rfc822")
    assert answer.header("content-disposition") == f'attachment; filename="{shown["id"]}.eml"'
    names = [part.get_filename() for part in email.message_from_bytes(answer.body).walk() if part.get_filename()]
    assert names == ["logo.png", "Rechnung März.pdf"]


async def test_the_html_can_do_nothing_and_has_the_pictures_that_came_with_it(server: RunningGateway) -> None:
    (shown,) = await captured(server)
    answer = await server.ask("GET", f"/api/captures/{shown['id']}/html")
    assert (answer.status, answer.header("content-type")) == (200, "text/html; charset=utf-8")
    rules = [rule.strip() for rule in (answer.header("content-security-policy") or "").split(";")]
    assert {"default-src 'none'", "img-src data:", "form-action 'none'", "base-uri 'none'", "sandbox"} <= set(rules)
    assert not [rule for rule in rules if rule.startswith("script-src") or "allow-" in rule or "http" in rule]
    assert answer.header("x-content-type-options") == "nosniff"
    page = answer.body.decode()
    assert 'src="data:image/png;base64,' in page
    assert page.partition("<img")[0] == HTML.partition("<img")[0]


async def test_only_pictures_stand_in_the_page_itself(server: RunningGateway) -> None:
    (shown,) = await captured(server, html='<iframe src="cid:nobody"></iframe><img src="cid:x>y">')
    answer = await server.ask("GET", f"/api/captures/{shown['id']}/html")
    assert answer.body == b'<iframe src="cid:nobody"></iframe><img src="cid:x>y">'


async def test_an_attachment_comes_as_it_was_sent_and_is_not_opened_in_place(server: RunningGateway) -> None:
    (shown,) = await captured(server)
    picture, document = [await server.ask("GET", one["url"]) for one in shown["mail"]["attachments"]]
    assert (picture.body, picture.header("content-type")) == (PNG, "image/png")
    assert (document.body, document.header("content-type")) == (PDF, "application/pdf")
    assert document.header("content-disposition") == "attachment; filename*=UTF-8''Rechnung%20M%C3%A4rz.pdf"
    assert document.header("x-content-type-options") == "nosniff"
    assert "sandbox" in (document.header("content-security-policy") or "")


@pytest.mark.parametrize("number", ["2", "-1", "x", "99999", "%D9%A3"])
async def test_an_attachment_that_is_not_there_is_not_found(server: RunningGateway, number: str) -> None:
    (shown,) = await captured(server)
    answer = await server.ask("GET", f"/api/captures/{shown['id']}/attachments/{number}")
    assert (answer.status, answer.code) == (404, "entity.not_found")


async def test_an_sms_has_none_of_it(server: RunningGateway) -> None:
    (made,) = [capture()]
    await server.gateway.services.inbox.add([made])
    for part in ("eml", "html", "attachments/0"):
        answer = await server.ask("GET", f"/api/captures/{made.id}/{part}")
        assert (answer.status, answer.code) == (404, "entity.not_found")
        assert (await server.ask("GET", f"/api/captures/cap_0/{part}")).status == 404


async def test_a_mail_without_html_has_no_page(server: RunningGateway) -> None:
    (shown,) = await captured(server, html=None, mail=Mail("a@b.example", (ADA,)))
    assert (await server.ask("GET", f"/api/captures/{shown['id']}/html")).status == 404
    assert (await server.ask("GET", f"/api/captures/{shown['id']}/eml")).status == 200


async def test_what_is_no_longer_kept_is_told_rather_than_left_out(server: RunningGateway) -> None:
    (shown,) = await captured(server)
    await server.store.log.drop(CONTENTS)
    for part in ("eml", "attachments/0"):
        answer = await server.ask("GET", f"/api/captures/{shown['id']}/{part}")
        assert (answer.status, answer.code) == (404, "entity.not_found")
        assert "no longer kept" in answer.json()["message"]
    assert (await server.ask("GET", f"/api/captures/{shown['id']}/html")).status == 200


async def test_deleting_everything_and_a_reset_take_the_contents_along(server: RunningGateway) -> None:
    await captured(server, ADA, BOB)
    assert (await server.ask("DELETE", "/api/captures")).json() == {"deleted": 2}
    assert await server.store.log.read(CONTENTS) == []
    await captured(server, ADA)
    assert (await server.ask("POST", "/api/reset", {})).json()["captures"] == 1
    assert await server.store.log.read(CONTENTS) == []


async def test_what_an_older_version_kept_is_shown_too(server: RunningGateway) -> None:
    (made,) = [capture()]
    document = made.document()
    del document["mail"]
    await server.store.log.append("captures", document, [f"id:{made.id}"])
    shown = (await server.ask("GET", f"/api/captures/{made.id}")).json()
    assert (shown["mail"], shown["links"]) == (None, [])


async def test_events_show_a_mail_as_the_list_does(server: RunningGateway) -> None:
    (shown,) = await captured(server)
    client = await server.open()
    await client.send(b"GET /api/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    seen = b""
    while b"event: capture" not in seen or not seen.endswith(b"\n\n"):
        seen += await client.reader.read(65536)
    assert shown["mail"]["attachments"][0]["url"].encode() in seen


async def test_a_mail_says_what_could_not_be_read(server: RunningGateway) -> None:
    (made,) = mailed(ADA)
    assert made.mail is not None
    made.mail.warnings = ("the charset 'x' is none that mail programs know",)
    await server.gateway.services.inbox.add([made])
    (shown,) = (await server.ask("GET", "/api/captures")).json()["captures"]
    assert shown["mail"]["warnings"] == ["the charset 'x' is none that mail programs know"]


async def test_a_page_of_long_mails_is_whole(server: RunningGateway) -> None:
    for number in range(3):
        await captured(server, html=f"<p>{number} é</p>" * 5_000)
    answer = await server.ask("GET", "/api/captures?limit=2")
    page = answer.json()
    assert [one["html"][:6] for one in page["captures"]] == ["<p>2 é", "<p>1 é"]
    assert page["cursor"] >= page["captures"][0]["cursor"]
    assert answer.body.endswith(b"}\n")
    assert (await server.ask("GET", "/api/captures?to=nobody@example.com")).body.startswith(
        b'{"captures":[],"cursor":'
    )
