"""``fakes`` of the config file: which providers there are, and what their fakes say of their part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from gateway.config import wording
from gateway.config.problems import Place, Problems, has, unknown
from gateway.core.errors import ConfigError
from gateway.providers.ports import Connector, Provider


def check_fakes(
    fakes: Any,
    providers: Mapping[str, Provider],
    connectors: Sequence[Connector],
    problems: Problems,
    *,
    live: bool,
) -> None:
    """``connectors``: those that could be built."""
    if fakes is None:
        fakes = {}
    if not isinstance(fakes, Mapping):
        return
    for name in fakes:
        if live:
            problems.add(("fakes", name), "there are no fakes in mode live: take it out")
        elif name not in providers:
            problems.add(("fakes", name), unknown(name, sorted(providers)))
    own: dict[str, list[Connector]] = {name: [] for name in providers}
    for connector in connectors:
        if not connector.live:
            own[connector.provider].append(connector)
    for name, provider in providers.items() if not live else ():
        part = fakes.get(name, {})
        if isinstance(part, Mapping):
            _check(provider, part, own[name], fakes, problems)


def _check(
    provider: Provider,
    part: Mapping[str, Any],
    own: Sequence[Connector],
    fakes: Mapping[str, Any],
    problems: Problems,
) -> None:
    at: Place = ("fakes", provider.name)
    if provider.fake_schema is not None and part:
        model = provider.fake_schema()
        try:
            model.model_validate(dict(part))
        except ValidationError as error:
            problems.extend(wording.problems(error, model, at))
            return
    try:
        provider.fake_settings(part, own, None)
    except ConfigError as error:
        place, text = _placed(error.message, {"fakes": fakes}, at)
        problems.add(place, text)


def _placed(message: str, tree: Mapping[str, Any], at: Place) -> tuple[Place, str]:
    """A message that begins with its path, as ``fakes.x.accounts: ...``: as much of the path as is there."""
    beginning, colon, text = message.partition(": ")
    steps: list[str | int] = []
    for word in beginning.split("."):
        step = int(word) if word.isdigit() else word
        if not has(tree, (*steps, step)):
            break
        steps.append(step)
    if colon and len(steps) == beginning.count(".") + 1:
        return tuple(steps), text
    return (tuple(steps) if steps else at if has(tree, at) else ("connectors",)), message
