"""Read one entry of ``connectors``: its keys, its ``config_file``, and what the factory says of its settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config.problems import Place, Problem, Problems, from_validation, has, unknown
from gateway.config.sections import ConnectorConfig
from gateway.config.yaml_tree import MAX_DEPTH, Broken, content_of, reason_of
from gateway.core.errors import InvalidConfig
from gateway.core.model import MASK
from gateway.delivery import secrets
from gateway.delivery.connectors import build
from gateway.providers import registry
from gateway.providers.ports import Connector, ConnectorFactory, Provider

# How a factory's message about a key begins: `options.x must be`, `templates[0].code is missing`, `key: is`.
_KEY_AND_TEXT = re.compile(r"([A-Za-z_]\w*(?:\.\w+|\[[0-9]+\])*):?\s+(\S.*)", re.DOTALL)
_STEP = re.compile(r"\w+")


class ConnectorReader:
    """Reads the connectors of one config file.

    Args:
        folder: the folder in which relative names of a ``config_file`` start.
        live: whether the file has mode live, in which every connector sends for real.
    """

    def __init__(self, providers: Mapping[str, Provider], folder: Path, problems: Problems, *, live: bool) -> None:
        self._factory_ids = sorted(
            factory_id for provider in providers.values() for factory_id in provider.factories
        )
        self._providers = providers
        self._folder = folder
        self._problems = problems
        self._live = live
        self._read_json = cache(_read_json)  # many connectors may share a file

    def read(self, entry: Any, at: Place) -> tuple[ConnectorConfig, Connector] | None:
        """Read the entry at a place of the file. None if it has a mistake, which is then among the problems."""
        before = len(self._problems)
        section = self._section(entry, at)
        factory = self._factory(entry, at)
        if section is None or factory is None:
            return None
        if section.config_file is not None:
            section = self._with_file(section, factory, at)
        if len(self._problems) > before:
            return None
        connector = self._build(section, factory, entry, at)
        return (section.model_copy(update={"config_file": None}), connector) if connector is not None else None

    def _section(self, entry: Any, at: Place) -> ConnectorConfig | None:
        if isinstance(entry, Mapping) and (entry.get("config") is None) == (entry.get("config_file") is None):
            self._problems.add(at, "give either config or config_file")
        try:
            return ConnectorConfig.model_validate(entry)
        except ValidationError as error:
            self._problems.extend(from_validation(error, ConnectorConfig, at))
            return None

    def _factory(self, entry: Any, at: Place) -> ConnectorFactory | None:
        name = entry.get("factory") if isinstance(entry, Mapping) else None
        if not isinstance(name, str):
            return None
        found = registry.factory(self._providers, name)
        if found is None:
            self._problems.add((*at, "factory"), unknown(name, self._factory_ids))
            return None
        return found[1]

    def _with_file(self, section: ConnectorConfig, factory: ConnectorFactory, at: Place) -> ConnectorConfig:
        """Return the section with the config of its file: Logto's config, or a whole connector of Logto's API.

        A whole connector is recognized by its key ``connectorId``, which no config has.
        """
        place = (*at, "config_file")
        try:
            document = self._read_json(self._folder / (section.config_file or ""))
        except Broken as broken:
            self._problems.add(place, f"{section.config_file}: {broken.text}")
            return section
        if "connectorId" in document and isinstance(document.get("config"), Mapping):
            if document["connectorId"] != factory.id:
                self._problems.add(place, f"{section.config_file}: is a connector of another factory than this one")
            document = document["config"]
        return section.model_copy(update={"config": dict(document)})

    def _build(
        self, section: ConnectorConfig, factory: ConnectorFactory, entry: Any, at: Place
    ) -> Connector | None:
        config = section.config or {}
        messages = [
            f"{key} is masked: {MASK} is what a secret is shown as"
            for key in secrets.masks_in(factory.metadata, config)
        ]
        connector = None
        try:
            connector = build(
                self._providers,
                section.id,
                section.factory,
                config,
                section.options,
                authorization=section.authorization.get_secret_value() if section.authorization else None,
                live=self._live or section.live,
                fallback=section.fallback,
            )
        except InvalidConfig as error:
            messages.insert(0, error.message)
        form_keys = [item.key for item in factory.metadata.form]
        for message in messages:
            self._problems.extend(_split_message(message, section, form_keys, entry, at))
        return connector if not messages else None


def _split_message(
    message: str, section: ConnectorConfig, form_keys: list[str], entry: Any, at: Place
) -> Iterator[Problem]:
    """Split a factory's message into problems, each at the key that it names."""
    file = section.config_file
    tree = {"config": section.config or {}, "options": section.options}
    texts: list[tuple[Place, str]] = []
    for part in message.split("; "):
        # A colon may separate the name of what cannot work from the key and its problem.
        found = _key_and_text(part, tree, form_keys) or _key_and_text(part.partition(": ")[2], tree, form_keys)
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
            # A missing key has the place of the section in which it is missing.
            in_file = has(entry, place) or has(entry, place[:-1])
            yield Problem((*at, *place) if in_file else at, text)


def _key_and_text(text: str, tree: Mapping[str, Any], form_keys: list[str]) -> tuple[Place, str] | None:
    """Split a text that begins with a key. None unless the key is in the tree, or is missing in the form."""
    match = _KEY_AND_TEXT.match(text)
    if match is None:
        return None
    steps: list[str | int] = [int(step) if step.isdigit() else step for step in _STEP.findall(match[1])]
    if steps[0] not in tree:
        steps.insert(0, "config")
    present = 0  # steps that lead to a value of the tree
    while present < len(steps) and has(tree, tuple(steps[: present + 1])):
        present += 1
    if present == len(steps):
        return tuple(steps), match[2]
    is_missing = match[2].startswith("is missing") and present == len(steps) - 1
    if present == 1:
        return ((*steps[:2],), match[2]) if is_missing and steps[1] in form_keys else None
    if is_missing:
        return tuple(steps), match[2]
    rest = ".".join(str(step) for step in steps[present:])
    return tuple(steps[:present]), f"{rest} {match[2]}"


# ---------------------------------------------------------------------------------------------- JSON files


def _read_json(path: Path) -> Mapping[str, Any]:
    """Read a JSON object. Raises Broken."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise Broken("must be a file")  # reading a pipe may never end
        document = json.loads(content_of(path).decode("utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as error:
        raise Broken(reason_of(error)) from None
    except RecursionError:
        raise Broken("is nested too deeply") from None
    except ValueError:
        raise Broken("is not JSON") from None
    if not isinstance(document, dict):
        raise Broken("must be a JSON object")
    _check_json(document, 0)
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity, which Python accepts and JSON does not


def _check_json(value: Any, depth: int) -> None:
    """Raise Broken for a value that is nested too deeply, or that cannot be written as UTF-8."""
    if depth > MAX_DEPTH:
        raise Broken("is nested too deeply")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_json(key, depth + 1)
            _check_json(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_json(inner, depth + 1)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Broken("has half a character (U+D800 to U+DFFF)") from None
