"""Checks that concern several keys of the file, or what a provider says of its settings: each with its place.

Each check takes the values as the file has them, since a file with other mistakes is checked too, and skips values
of a wrong type, which the validation of the sections reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from gateway.config.problems import Place, Problems, from_validation, has, unknown
from gateway.config.sections import CodesConfig, RulesConfig, exposed_in_live
from gateway.core.errors import ConfigError
from gateway.core.model import Channel
from gateway.delivery import fallbacks
from gateway.providers import registry
from gateway.providers.ports import Connector, Provider
from gateway.verification.rules import PRESETS
from gateway.verification.rules import problems as policy_problems


def check_defaults(
    tree: Mapping[str, Any], providers: Mapping[str, Provider], built: Sequence[Connector], problems: Problems
) -> None:
    """Check that ``defaults`` names connectors that exist and send through that channel.

    Args:
        tree: the whole file.
        built: the connectors that have no mistake.
    """
    defaults = tree.get("defaults")
    if not isinstance(defaults, Mapping):
        return
    channels = dict(_channels(tree["connectors"], providers))
    channels.update((connector.id, connector.factory.channel) for connector in built)
    for name, chosen in defaults.items():
        if name not in set(Channel) or not isinstance(chosen, str):
            continue
        place = ("defaults", name)
        if chosen not in channels:
            problems.add(place, unknown(chosen, list(channels), "there is no such connector"))
        elif channels[chosen] not in {None, name}:
            problems.add(place, f"that connector sends {channels[chosen]}, not {name}")


def _channels(connectors: Any, providers: Mapping[str, Provider]) -> Iterator[tuple[str, Channel | None]]:
    """Yield id and channel of every connector in the file; None if the factory is unknown or has no channel."""
    for entry in connectors if isinstance(connectors, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str):
            name = entry.get("factory")
            found = registry.factory(providers, name) if isinstance(name, str) else None
            yield entry["id"], found[1].channel if found else None


def check_fallbacks(connectors: Any, built: Sequence[Connector], problems: Problems) -> None:
    """Check that each ``fallback`` names connectors that exist, fit, and do not go round in a circle.

    Args:
        connectors: the value of ``connectors`` in the file.
        built: the connectors that have no mistake.
    """
    entries = [
        (index, entry)
        for index, entry in enumerate(connectors if isinstance(connectors, list) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str)
    ]
    known = [entry["id"] for _, entry in entries]
    named = {entry["id"]: _fallback_ids(entry.get("fallback")) for _, entry in entries}
    working = {connector.id: connector for connector in built}
    for index, entry in entries:
        own, given = entry["id"], entry.get("fallback")
        for number, name in enumerate(_fallback_ids(given)):
            place: Place = ("connectors", index, "fallback", *(() if isinstance(given, str) else (number,)))
            if name not in named:
                problems.add(place, unknown(name, known, "there is no such connector"))
            elif name in _fallback_ids(given)[:number]:
                problems.add(place, "is named twice")
            elif own in working and name in working:
                text = fallbacks.unfit(working[own], working[name])
                if text is not None:
                    problems.add(place, text)
    indices = {entry["id"]: index for index, entry in reversed(entries)}
    for circle in fallbacks.loops({own: [name for name in names if name in named] for own, names in named.items()}):
        problems.add(
            ("connectors", indices[circle[0]], "fallback"), f"goes round in a circle: {' -> '.join(circle)}"
        )


def _fallback_ids(given: Any) -> Sequence[str]:
    names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    # The validation of the section reports a list that is too long.
    return [name for name in names if isinstance(name, str)] if len(names) <= fallbacks.MOST else ()


def check_codes(codes: Any, problems: Problems, *, live: bool) -> None:
    """Check that the rules of ``codes`` are consistent with each other and with the preset.

    Args:
        codes: the value of ``codes`` in the file.
        live: whether the file has mode live, which allows no predictable codes.
    """
    if not isinstance(codes, Mapping):
        return
    try:
        rules = RulesConfig.model_validate(codes.get("rules", {}))
        section = CodesConfig.model_validate({**codes, "rules": {}})
    except ValidationError:
        return
    place: Place = ("codes", "rules")
    for key, text in policy_problems(rules.applied_to(PRESETS[section.policy])):
        steps = tuple(int(step) if step.isdigit() else step for step in key.split("."))
        # A rule of the preset may conflict with a rule of the file: then the place is the whole section.
        if has({"codes": codes}, place + steps):
            problems.add(place + steps, text)
        else:
            problems.add(place, f"{key}: {text}")
    for key, text in exposed_in_live(section) if live else ():
        problems.add(("codes", key), text)


def check_fakes(
    fakes: Any,
    providers: Mapping[str, Provider],
    built: Sequence[Connector],
    problems: Problems,
    *,
    live: bool,
) -> None:
    """Check that ``fakes`` names known providers, and that each fake accepts its settings.

    Args:
        fakes: the value of ``fakes`` in the file.
        built: the connectors that have no mistake: their credentials are accounts of the fake.
        live: whether the file has mode live, which has no fakes.
    """
    if fakes is None:
        fakes = {}
    if not isinstance(fakes, Mapping):
        return
    for name in fakes:
        if live:
            problems.add(("fakes", name), "there are no fakes in mode live: take it out")
        elif name not in providers:
            problems.add(("fakes", name), unknown(name, sorted(providers)))
    for name, provider in providers.items() if not live else ():
        settings = fakes.get(name, {})
        if isinstance(settings, Mapping):
            own = [connector for connector in built if connector.provider == name and not connector.live]
            _check_fake(provider, settings, own, fakes, problems)


def _check_fake(
    provider: Provider,
    settings: Mapping[str, Any],
    connectors: Sequence[Connector],
    fakes: Mapping[str, Any],
    problems: Problems,
) -> None:
    at: Place = ("fakes", provider.name)
    if provider.fake_schema is not None and settings:
        model = provider.fake_schema()
        try:
            model.model_validate(dict(settings))
        except ValidationError as error:
            problems.extend(from_validation(error, model, at))
            return
    try:
        provider.fake_settings(settings, connectors, None)
    except ConfigError as error:
        place, text = _split_place(error.message, {"fakes": fakes}, at)
        problems.add(place, text)


def _split_place(message: str, tree: Mapping[str, Any], at: Place) -> tuple[Place, str]:
    """Split a message that begins with its path, as ``fakes.x.accounts: ...``.

    If only the beginning of the path is in the file, that is the place, and the text is the whole message.
    """
    path, colon, text = message.partition(": ")
    steps: list[str | int] = []
    for word in path.split("."):
        step = int(word) if word.isdigit() else word
        if not has(tree, (*steps, step)):
            break
        steps.append(step)
    if colon and len(steps) == path.count(".") + 1:
        return tuple(steps), text
    return (tuple(steps) if steps else at if has(tree, at) else ("connectors",)), message
