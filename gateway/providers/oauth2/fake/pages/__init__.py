"""What a person sees: the login page and its siblings, what went wrong, the form of ``response_mode=form_post``.
Nothing needs JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from gateway.core.model import Pairs, Response
from gateway.providers.oauth2.fake import forgery
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.pages import rendering, words
from gateway.providers.oauth2.fake.pages.rendering import Asked, Person, Scope
from gateway.providers.oauth2.fake.pages.words import Words
from gateway.providers.oauth2.fake.personas import Persona

_LONGEST = 120


def words_of(call: Call) -> Words:
    """In the language of ``ui_locales``, else of the browser."""
    asked_for = call.get("ui_locales") if not call.broken("ui_locales") else None
    return words.chosen(asked_for, call.headers.get("accept-language"))


def asked(call: Call, parameters: Mapping[str, str], token: str = "") -> Asked:
    """What every page of this sign-in shows. ``parameters``: of authorize, checked again when they come back;
    ``token``: against forgery."""
    client = call.client
    client_id = call.client_id or parameters.get("client_id", "?")
    request = urlencode(list(parameters.items()), errors="surrogateescape")
    hidden: list[tuple[str, str]] = [("request", request)]
    if token:
        hidden.append(("csrf", token))
    scopes = dict.fromkeys(parameters.get("scope", "").split())
    say = words_of(call)
    return Asked(
        issuer=call.url,
        client_id=_short(client_id),
        client_name=_short((client.name if client is not None else None) or client_id),
        action=call.endpoint_url("login"),
        hidden=tuple(hidden),
        scopes=tuple(Scope(name, say.scopes.get(name, "")) for name in scopes),
        logo=client.logo if client is not None else None,
        registered=client is not None and not client.seen,
        suggested=parameters.get("login_hint"),
        returns_to=parameters.get("redirect_uri", ""),
        say=say,
    )


def login(call: Call, parameters: Mapping[str, str], personas: Sequence[Persona], problem: str = "") -> Response:
    """Who signs in? What the form sends is read by ``login_form``. ``problem``: the key of a text."""
    token, cookie = forgery.token(call)
    shows = asked(call, parameters, token)
    page = rendering.pick(
        shows, [person(one, shows.say) for one in personas], shows.say(problem) if problem else None
    )
    return shown(call, page, parameters.get("redirect_uri", ""), cookie)


def shown(call: Call, page: bytes, returns_to: str = "", cookie: Pairs = (), status: int = 200) -> Response:
    """A page with its headers."""
    if call.broken("page_headers"):
        return Response(status, (("Content-Type", "text/html; charset=utf-8"), *cookie), page)
    return Response(status, (*rendering.headers(returns_to), _language(call), *cookie), page)


def _language(call: Call) -> tuple[str, str]:
    return "Content-Language", words_of(call).lang


def refused(call: Call, status: int, code: str, description: str) -> Response:
    """What was wrong with a request that must not be redirected (RFC 6749 4.1.2.1)."""
    say = words_of(call)
    heading = say("error", code=code or str(status))
    return shown(call, rendering.notice(say, heading, [say("not_sent")], description), status=status)


def signed_out(call: Call) -> Response:
    say = words_of(call)
    return shown(call, rendering.notice(say, say("signed_out"), [say("signed_out_here")]))


def form_post(call: Call, action: str, fields: Sequence[tuple[str, str]]) -> Response:
    """OAuth 2.0 Form Post Response Mode."""
    page = rendering.form_post(words_of(call), action, tuple(fields))
    response = shown(call, page)
    if not call.broken("page_headers"):
        response.headers = (*rendering.headers(action, posts=True), _language(call))
    return response


def person(persona: Persona, say: Words) -> Person:
    claims = persona.claims
    name = next((claims[key] for key in ("name", "preferred_username") if isinstance(claims.get(key), str)), "")
    return Person(
        persona.name, _short(name or persona.name), _line(persona, say), _text(claims, "picture"), persona.denies
    )


def _line(persona: Persona, say: Words) -> str:
    if persona.note:
        return say.notes.get(persona.note, persona.note)
    email = _text(persona.claims, "email")
    if email is None:
        return say("no_email")
    verified = persona.claims.get("email_verified") is True
    return _short(email if verified else say("not_verified", email=email))


def _text(claims: Mapping[str, object], name: str) -> str | None:
    found = claims.get(name)
    return found if isinstance(found, str) and found else None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
