"""Load a config: the file, the command line over it, environment variables, then every check at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config.checks import check_codes, check_defaults, check_fakes, check_fallbacks
from gateway.config.connectors import ConnectorReader
from gateway.config.problems import Place, Problems, Source, from_validation, unreadable
from gateway.config.sections import UNGUARDED, Config, ConnectorConfig, is_loopback
from gateway.config.yaml_tree import Broken, read_file, reason_of
from gateway.core import data_files
from gateway.providers import registry
from gateway.providers.ports import Connector, Provider

_ENVIRONMENT = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A config without mistakes, with its connectors and the position of every key."""

    config: Config
    connectors: Sequence[Connector]
    """In the order of the file."""
    providers: Mapping[str, Provider]
    source: Source
    ignored_variables: Sequence[Place] = ()
    """Places where ``${env:NAME}`` is only a part of a value, and so is not replaced."""


def load_config(
    path: Path | None,
    overrides: Mapping[str, Any] | None = None,
    providers: Mapping[str, Provider] | None = None,
) -> Config:
    """Load the config of a file.

    Relative paths start at the folder of the file, those of ``overrides`` in the current folder.

    Args:
        path: None for the defaults alone.
        overrides: the values of the command line, which win key by key.
        providers: by name; all installed ones if None.

    Raises:
        ConfigError: with a line for each problem; its ``data`` has them as ``problems``.
    """
    return load(path, overrides, providers).config


def load(
    path: Path | None,
    overrides: Mapping[str, Any] | None = None,
    providers: Mapping[str, Provider] | None = None,
) -> Loaded:
    """Load a config as ``load_config`` does, and return it with its connectors and the source of every key."""
    source = _source(path, overrides or {})
    providers = providers if providers is not None else registry.load_providers()
    problems = Problems()
    environment = _Environment(problems)
    tree = environment.replaced(_merge(source.tree, source.overrides))
    live = tree.get("mode") == "live"
    if tree.get("connectors") is None:
        tree["connectors"] = [] if live else _sandbox_connectors()
    folder = path.resolve().parent if path is not None else Path.cwd()

    found = Problems()
    config = _config({key: value for key, value in tree.items() if key != "connectors"}, found)
    read = _connectors(tree["connectors"], ConnectorReader(providers, folder, found, live=live), found)
    built = [connector for _, connector in read]
    check_defaults(tree, providers, built, found)
    check_fallbacks(tree["connectors"], built, found)
    check_fakes(tree.get("fakes"), providers, built, found, live=live)
    check_codes(tree.get("codes"), found, live=live)
    templates = _templates(tree.get("templates"), folder, source, found)
    # The text ${env:NAME} of a variable that is not set is reported once, and not also as a wrong value.
    problems.extend(problem for problem in found if not _is_within(problem.place, environment.missing))
    if problems or config is None:
        raise problems.error(source)
    server = config.server
    if server.tls_folder is not None:
        server = server.model_copy(update={"tls_folder": folder / server.tls_folder})
    resolved = {
        "connectors": tuple(section for section, _ in read),
        "templates": templates,
        "store": _store(config, folder, source),
        "server": server,
    }
    return Loaded(config.model_copy(update=resolved), built, providers, source, environment.partial)


def _source(path: Path | None, overrides: Mapping[str, Any]) -> Source:
    if path is None:
        return Source(None, {}, {}, overrides)
    try:
        tree, lines = read_file(path)
    except Broken as broken:
        raise unreadable(str(path), broken.line, broken.text) from None
    return Source(str(path), tree, lines, overrides)


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            merged[key] = _merge(under, value)
        else:
            merged[key] = value
    return merged


def _sandbox_connectors() -> Any:
    tree, _ = read_file(data_files.folder("fixtures") / "sandbox.yaml")
    return tree["connectors"]


class _Environment:
    """Replaces each value ``${env:NAME}`` by the environment variable of that name."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._replaced: dict[int, Any] = {}  # by id of a collection: an alias is replaced once, with its anchor
        self.missing: set[Place] = set()
        """Places whose variable is not set or not text. The value there stays as it is."""
        self.partial: list[Place] = []
        """Places where ``${env:NAME}`` is only a part of the value. The value stays as it is."""

    def replaced(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        replaced: dict[str, Any] = self._value(tree, ())
        return replaced

    def _value(self, value: Any, place: Place) -> Any:
        if isinstance(value, str):
            return self._text(value, place) if "${" in value else value
        if not isinstance(value, Mapping | list):
            return value
        if id(value) not in self._replaced:
            if isinstance(value, list):
                replaced: Any = [self._value(inner, (*place, index)) for index, inner in enumerate(value)]
            else:
                replaced = {key: self._value(inner, (*place, key)) for key, inner in value.items()}
            self._replaced[id(value)] = replaced
        return self._replaced[id(value)]

    def _text(self, text: str, place: Place) -> str:
        match = _ENVIRONMENT.fullmatch(text)
        if match is None:
            if _ENVIRONMENT.search(text):
                self.partial.append(place)
            return text
        value = os.environ.get(match[1])
        if value is None:
            self._problems.add(place, f"the environment variable {match[1]} is not set")
        elif not _is_utf8(value):
            self._problems.add(place, f"the environment variable {match[1]} is not UTF-8")
        else:
            return value
        self.missing.add(place)
        return text


def _is_utf8(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_within(place: Place, places: AbstractSet[Place]) -> bool:
    return any(place[:length] in places for length in range(1, len(place) + 1))


def _config(tree: Mapping[str, Any], problems: Problems) -> Config | None:
    """Validate every section except ``connectors``."""
    server = tree.get("server")
    if isinstance(server, Mapping):
        host = server.get("host", "127.0.0.1")
        unguarded = server.get("insecure_open", False) is False and server.get("api_token") is None
        if unguarded and isinstance(host, str) and not host.startswith("${env:") and not is_loopback(host):
            problems.add(("server", "host"), UNGUARDED)
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        problems.extend(from_validation(error, Config))
        return None


def _connectors(
    entries: Any, reader: ConnectorReader, problems: Problems
) -> list[tuple[ConnectorConfig, Connector]]:
    """Read every connector that has no mistake of its own."""
    if not isinstance(entries, list):
        problems.add(("connectors",), "must be a list")
        return []
    first_index: dict[str, int] = {}
    read = []
    for index, entry in enumerate(entries):
        connector = reader.read(entry, ("connectors", index))
        if connector is not None:
            read.append(connector)
        own = entry.get("id") if isinstance(entry, Mapping) else None
        if isinstance(own, str) and first_index.setdefault(own, index) != index:
            problems.add(("connectors", index, "id"), f"is taken by connectors.{first_index[own]}")
    return read


def _templates(given: Any, folder: Path, source: Source, problems: Problems) -> Path | None:
    """Resolve ``templates``, which must be a folder that exists."""
    if not isinstance(given, str | Path):
        return None
    templates = (Path.cwd() if "templates" in source.overrides else folder) / given
    try:
        if not templates.is_dir():
            problems.add(("templates",), f"{given}: must be a folder")
    except OSError as error:
        problems.add(("templates",), f"{given}: {reason_of(error)}")
    return templates


def _store(config: Config, folder: Path, source: Source) -> str | None:
    """Return ``store`` with an absolute path. The file is made when it is opened."""
    if config.store_config.path is None:
        return config.store
    return str(config.store_config.under(Path.cwd() if "store" in source.overrides else folder))
