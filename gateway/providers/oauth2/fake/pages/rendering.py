"""Pages as bytes, with the headers that go with them. No script, nothing remote; they work in a browser without
JavaScript. What strangers named (clients, claims) is escaped by Jinja, and never reaches an attribute that runs."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.providers.oauth2.fake.pages import words
from gateway.providers.oauth2.fake.pages.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment

    from gateway.core.model import Pairs

_FOLDER = Path(__file__).parent
# The page of form_post is the only one with a script: this one, by its hash. Without JavaScript it has a button.
_SUBMIT = "document.forms[0].submit()"
# RFC 3986, scheme.
_SCHEME = re.compile("[a-z][a-z0-9+.-]*")
_NEVER = frozenset({"javascript", "data", "vbscript", "blob", "file", "about"})
_PICTURE = re.compile("data:image/(?:png|jpeg|gif|webp|svg\\+xml)[;,]")


@dataclass(frozen=True, slots=True)
class Scope:
    """``means``: for people."""

    name: str
    means: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which client asks for what. ``action``: where the form goes; ``hidden``: what must come back with it, the
    anti-forgery token too. ``registered``: false for one that a lenient fake lets in. ``suggested``: the id of the
    persona that a ``login_hint`` names. ``returns_to``: the redirect URI. ``say``: in which language."""

    issuer: str
    client_id: str
    client_name: str
    action: str
    hidden: Pairs = ()
    scopes: tuple[Scope, ...] = ()
    logo: str | None = None
    registered: bool = True
    suggested: str | None = None
    returns_to: str = ""
    say: Words = field(default_factory=lambda: words.of("en"))


@dataclass(frozen=True, slots=True)
class Person:
    """A persona on the page. ``line`` says what is special; ``outcome`` where it cannot sign in."""

    id: str
    name: str
    line: str = ""
    picture: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimField:
    """One claim to edit. ``kind``: text, boolean or json; ``wrong``: why the text was not taken."""

    name: str
    text: str
    kind: str = "text"
    wrong: str | None = None


NOTHING_MORE = ClaimField("", "")


def pick(asked: Asked, people: Sequence[Person], wrong: str | None = None) -> bytes:
    """Who signs in?"""
    shown = [_shown(one) for one in people]
    return _page("pick.html", asked.say, asked=_pictured(asked), people=shown, wrong=wrong)


def edit(asked: Asked, person: Person, fields: Sequence[ClaimField], more: ClaimField = NOTHING_MORE) -> bytes:
    """The claims of this one sign-in."""
    broken = any(one.wrong for one in (*fields, more))
    wrong = asked.say("cannot_be_read") if broken else None
    shown = {"asked": _pictured(asked), "person": person, "fields": fields, "more": more, "wrong": wrong}
    return _page("edit.html", asked.say, **shown)


def consent(asked: Asked, person: Person, claims: str = "") -> bytes:
    """May the client have that? ``claims``: edited ones, as JSON, to come back with the answer."""
    return _page("consent.html", asked.say, asked=_pictured(asked), person=person, claims=claims, wrong=None)


def notice(say: Words, heading: str, lines: Sequence[str], detail: str = "") -> bytes:
    """Something to read: an error that must not be sent to the redirect URI, or that somebody is signed out.
    ``detail``: what the protocol says of it, in English."""
    return _page("notice.html", say, heading=heading, lines=lines, detail=detail)


def form_post(say: Words, action: str, fields: Pairs) -> bytes:
    """OAuth 2.0 Form Post Response Mode: goes on by itself, or at the press of a button."""
    return _page("form_post.html", say, action=action, fields=fields, script=_SUBMIT)


def headers(returns_to: str = "", *, posts: bool = False) -> Pairs:
    """Of every page. ``returns_to``: the redirect URI that the form's answer will lead to; ``posts``: the page is
    that of ``form_post``."""
    scheme = returns_to.partition(":")[0].lower() if ":" in returns_to else ""
    # Browsers hold every redirect after a form against form-action, those of the app behind its callback too: so
    # it names schemes, not origins. A scheme of its own is that of a native app.
    targets = ["'self'", "http:", "https:"]
    if _SCHEME.fullmatch(scheme) and scheme not in _NEVER and f"{scheme}:" not in targets:
        targets.append(f"{scheme}:")
    script = f"'{_hash(_SUBMIT)}'" if posts else "'none'"
    policy = (
        "default-src 'none'",
        f"style-src '{_hash(_css())}'",
        "img-src data:",
        f"script-src {script}",
        f"form-action {' '.join(targets)}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Pragma", "no-cache"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "; ".join(policy)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    )


def initials(name: str) -> str:
    """One or two letters for somebody without a picture; one where a name has no spaces, as Chinese ones."""
    words = [word for word in name.split() if word[:1].isalnum()]
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
    return "".join(letters).upper() or "?"


def _page(template: str, say: Words, **values: Any) -> bytes:
    return _environment().get_template(template).render(say=say, **values).encode("utf-8", "replace")


def _shown(one: Person) -> Person:
    return Person(one.id, one.name, one.line, _picture(one.picture), one.outcome)


def _pictured(asked: Asked) -> dict[str, Any]:
    named = {name: getattr(asked, name) for name in Asked.__slots__}
    return {**named, "logo": _picture(asked.logo)}


def _picture(url: str | None) -> str | None:
    """Only what is in the page already: nothing is fetched from anywhere."""
    return url if url is not None and _PICTURE.match(url) else None


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    made.filters["initials"] = initials
    # Ours, and held to its hash by the policy: escaping would change it.
    made.globals["css"] = Markup(_css())  # noqa: S704  # our own file
    return made


@cache
def _css() -> str:
    return (_FOLDER / "page.css").read_text(encoding="utf-8")


@cache
def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
