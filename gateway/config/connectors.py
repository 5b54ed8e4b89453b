"""One entry of ``connectors``: its keys, its file, and what its factory says of the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config import wording
from gateway.config.files import JsonFiles
from gateway.config.problems import Place, Problem, Problems, has, unknown
from gateway.config.sections import ConnectorConfig
from gateway.config.yaml_tree import Broken
from gateway.core.errors import InvalidConfig
from gateway.delivery import secrets
from gateway.delivery.connectors import build
from gateway.providers import registry
from gateway.providers.ports import Connector, ConnectorFactory, Provider

# How a factory begins what it says of a key: `options.x must be`, `templates[0].code is missing`, `key: is`.
_BEGINNING = re.compile(r"([A-Za-z_]\w*(?:\.\w+|\[[0-9]+\])*):?\s+(\S.*)", re.DOTALL)
_STEP = re.compile(r"\w+")


class ConnectorReader:
    """Reads connectors one by one. ``folder``: where their files start; ``live``: all send for real."""

    def __init__(self, providers: Mapping[str, Provider], folder: Path, problems: Problems, *, live: bool) -> None:
        self._factories = {
            factory_id: factory
            for provider in providers.values()
            for factory_id, factory in provider.factories.items()
        }
        self._providers = providers
        self._folder = folder
        self._problems = problems
        self._live = live
        self._files = JsonFiles()

    def read(self, raw: Any, at: Place) -> tuple[ConnectorConfig, Connector] | None:
        """None where something is wrong, which is among the problems then."""
        before = len(self._problems)
        section = self._section(raw, at)
        factory = self._factory(raw, at)
        if section is None or factory is None:
            return None
        if section.config_file is not None:
            section = self._with_file(section, factory, at)
        if len(self._problems) > before:
            return None
        made = self._built(section, factory, raw, at)
        return (section.model_copy(update={"config_file": None}), made) if made is not None else None

    def _section(self, raw: Any, at: Place) -> ConnectorConfig | None:
        if isinstance(raw, Mapping) and (raw.get("config") is None) == (raw.get("config_file") is None):
            self._problems.add(at, "give either config or config_file")
        try:
            return ConnectorConfig.model_validate(raw)
        except ValidationError as error:
            self._problems.extend(wording.problems(error, ConnectorConfig, at))
            return None

    def _factory(self, raw: Any, at: Place) -> ConnectorFactory | None:
        name = raw.get("factory") if isinstance(raw, Mapping) else None
        if not isinstance(name, str):
            return None
        found = registry.factory(self._providers, name)
        if found is None:
            self._problems.add((*at, "factory"), unknown(name, sorted(self._factories)))
            return None
        return found[1]

    def _with_file(self, section: ConnectorConfig, factory: ConnectorFactory, at: Place) -> ConnectorConfig:
        """Logto's config alone, or in a whole connector of its API. No config has a key ``connectorId``."""
        place = (*at, "config_file")
        try:
            found = self._files.read(self._folder / (section.config_file or ""))
        except Broken as broken:
            self._problems.add(place, f"{section.config_file}: {broken.text}")
            return section
        if "connectorId" in found and isinstance(found.get("config"), Mapping):
            if found["connectorId"] != factory.id:
                self._problems.add(place, f"{section.config_file}: is a connector of another factory than this one")
            found = found["config"]
        return section.model_copy(update={"config": dict(found)})

    def _built(self, section: ConnectorConfig, factory: ConnectorFactory, raw: Any, at: Place) -> Connector | None:
        config, options = section.config or {}, section.options
        secret = section.authorization.get_secret_value() if section.authorization is not None else None
        masked = [
            item.key for item in factory.metadata.form if item.secret and config.get(item.key) == secrets.MASK
        ]
        said = [f"{key} is masked: {secrets.MASK} is what a secret is shown as" for key in masked]
        made = None
        try:
            made = build(
                self._providers,
                section.id,
                section.factory,
                config,
                options,
                authorization=secret,
                live=self._live or section.live,
                fallback=section.fallback,
            )
        except InvalidConfig as error:
            said.insert(0, error.message)
        known = [item.key for item in factory.metadata.form]
        for message in said:
            self._problems.extend(_placed(message, section, known, raw, at))
        return made if not said else None


def _placed(message: str, section: ConnectorConfig, known: list[str], raw: Any, at: Place) -> Iterator[Problem]:
    """What a factory said, part by part, each at the key that it is about."""
    file = section.config_file
    tree = {"config": section.config or {}, "options": section.options}
    texts: list[tuple[Place, str]] = []
    for part in message.split("; "):
        # Before a colon stands what cannot work.
        found = _at(part, tree, known) or _at(part.partition(": ")[2], tree, known)
        if found is not None:
            texts.append(found)
        elif texts:
            texts[-1] = (texts[-1][0], f"{texts[-1][1]}; {part}")
        else:
            texts.append(((), part))
    for place, text in texts:
        if file is not None and place[:1] == ("config",):
            within = ".".join(str(step) for step in place[1:])
            yield Problem((*at, "config_file"), f"{file}: {within}: {text}")
        else:
            whole = (*at, *place)
            yield Problem(whole if _is_there(raw, place) else at, text)


def _is_there(raw: Any, place: Place) -> bool:
    """Itself, or what a missing key would stand in."""
    return has(raw, place) or has(raw, place[:-1])


def _at(text: str, tree: Mapping[str, Any], known: list[str]) -> tuple[Place, str] | None:
    """The place that a text begins with, and the rest. None where it begins with no key that is there, or that the
    factory asks for."""
    match = _BEGINNING.match(text)
    if match is None:
        return None
    steps: list[str | int] = [int(step) if step.isdigit() else step for step in _STEP.findall(match[1])]
    if steps[0] not in tree:
        steps.insert(0, "config")
    there = 0
    while there < len(steps) and has(tree, tuple(steps[: there + 1])):
        there += 1
    if there == len(steps):
        return tuple(steps), match[2]
    missing = match[2].startswith("is missing") and there == len(steps) - 1
    if there == 1:
        return ((*steps[:2],), match[2]) if missing and steps[1] in known else None
    if missing:
        return tuple(steps), match[2]
    rest = ".".join(str(step) for step in steps[there:])
    return tuple(steps[:there]), f"{rest} {match[2]}"
