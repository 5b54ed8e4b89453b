"""From a file and a command line to a config that works, or to everything that keeps it from working."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config import wording
from gateway.config.codes import check_codes
from gateway.config.connectors import ConnectorReader
from gateway.config.environment import Environment
from gateway.config.fakes import check_fakes
from gateway.config.fallbacks import check_fallbacks
from gateway.config.files import read_yaml, reason
from gateway.config.problems import Place, Problems, Source, refusal, unknown
from gateway.config.sections import UNGUARDED, Config, is_loopback
from gateway.config.yaml_tree import Broken
from gateway.core import data_files
from gateway.core.model import Channel
from gateway.providers import registry
from gateway.providers.ports import Connector, Provider


@dataclass(frozen=True, slots=True)
class Loaded:
    """A config that works. ``connectors`` are built, in the order of the file; ``odd``: the places where
    ``${env:NAME}`` is only a part of a value."""

    config: Config
    connectors: Sequence[Connector]
    providers: Mapping[str, Provider]
    source: Source
    odd: Sequence[Place] = ()


def load_config(
    path: Path | None,
    overrides: Mapping[str, Any] | None = None,
    providers: Mapping[str, Provider] | None = None,
) -> Config:
    """The config of a file (or of none), with what the command line says on top. ``providers``: by name; all that
    there are unless given.

    Relative paths start at the file that has them, those of the command line in the current folder. Raises
    ConfigError: one line for each problem, whose ``data`` has them as ``problems``.
    """
    return load(path, overrides, providers).config


def load(
    path: Path | None,
    overrides: Mapping[str, Any] | None = None,
    providers: Mapping[str, Provider] | None = None,
) -> Loaded:
    """The same with what was made on the way."""
    source = _source(path, overrides or {})
    providers = providers if providers is not None else registry.load_providers()
    problems = Problems()
    environment = Environment(problems)
    tree = environment.put_into(_merge(source.tree, source.overrides))
    live = tree.get("mode") == "live"
    if tree.get("connectors") is None:
        tree["connectors"] = [] if live else _of_the_sandbox()
    folder = path.resolve().parent if path is not None else Path.cwd()

    said = Problems()
    sections = _sections({key: value for key, value in tree.items() if key != "connectors"}, said)
    read = _connectors(tree["connectors"], ConnectorReader(providers, folder, said, live=live), said)
    built = [one for _, one in read]
    _check_defaults(tree, providers, built, said)
    check_fallbacks(tree["connectors"], built, said)
    check_fakes(tree.get("fakes"), providers, built, said, live=live)
    check_codes(tree.get("codes"), said, live=live)
    templates = _templates(tree.get("templates"), folder, source, said)
    # What stands where a value should have come from the environment is nobody's fault.
    problems.extend(one for one in said if not _within(one.place, environment.missing))
    if problems or sections is None:
        raise problems.error(source)
    store = _store(sections, folder, source)
    server = sections.server
    if server.tls_folder is not None:
        server = server.model_copy(update={"tls_folder": folder / server.tls_folder})
    declared = tuple(section for section, _ in read)
    found = {"connectors": declared, "templates": templates, "store": store, "server": server}
    config = sections.model_copy(update=found)
    return Loaded(config, built, providers, source, environment.odd)


def _within(place: Place, gaps: AbstractSet[Place]) -> bool:
    return any(place[:length] in gaps for length in range(1, len(place) + 1))


def _source(path: Path | None, overrides: Mapping[str, Any]) -> Source:
    if path is None:
        return Source(None, {}, {}, overrides)
    try:
        tree, lines = read_yaml(path)
    except Broken as broken:
        raise refusal(str(path), broken.line, broken.text) from None
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


def _of_the_sandbox() -> Any:
    tree, _ = read_yaml(data_files.folder("fixtures") / "sandbox.yaml")
    return tree["connectors"]


def _sections(tree: Mapping[str, Any], problems: Problems) -> Config | None:
    """All but the connectors."""
    server = tree.get("server")
    if isinstance(server, Mapping):
        host = server.get("host", "127.0.0.1")
        open_ = server.get("insecure_open", False) is False and server.get("api_token") is None
        if open_ and isinstance(host, str) and not host.startswith("${env:") and not is_loopback(host):
            problems.add(("server", "host"), UNGUARDED)
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        problems.extend(wording.problems(error, Config))
        return None


def _connectors(raw: Any, reader: ConnectorReader, problems: Problems) -> list[Any]:
    if not isinstance(raw, list):
        problems.add(("connectors",), "must be a list")
        return []
    first: dict[str, int] = {}
    read = []
    for at, one in enumerate(raw):
        found = reader.read(one, ("connectors", at))
        if found is not None:
            read.append(found)
        given = one.get("id") if isinstance(one, Mapping) else None
        if isinstance(given, str) and first.setdefault(given, at) != at:
            problems.add(("connectors", at, "id"), f"is taken by connectors.{first[given]}")
    return read


def _check_defaults(
    tree: Mapping[str, Any], providers: Mapping[str, Provider], built: Sequence[Connector], problems: Problems
) -> None:
    defaults = tree.get("defaults")
    if not isinstance(defaults, Mapping):
        return
    channels = dict(_channels(tree["connectors"], providers))
    channels.update((one.id, one.factory.channel) for one in built)
    for name, chosen in defaults.items():
        if name not in set(Channel) or not isinstance(chosen, str):
            continue
        place = ("defaults", name)
        if chosen not in channels:
            problems.add(place, unknown(chosen, list(channels), "there is no such connector"))
        elif channels[chosen] not in {None, name}:
            problems.add(place, f"that connector sends {channels[chosen]}, not {name}")


def _channels(raw: Any, providers: Mapping[str, Provider]) -> Iterator[tuple[str, Channel | None]]:
    """Of connectors that may be broken otherwise; None where nobody knows."""
    for one in raw if isinstance(raw, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("id"), str):
            name = one.get("factory")
            found = registry.factory(providers, name) if isinstance(name, str) else None
            yield one["id"], found[1].channel if found else None


def _templates(given: Any, folder: Path, source: Source, problems: Problems) -> Path | None:
    """The folder, which must be there."""
    if not isinstance(given, str | Path):
        return None
    templates = (Path.cwd() if "templates" in source.overrides else folder) / given
    try:
        if not templates.is_dir():
            problems.add(("templates",), f"{given}: must be a folder")
    except OSError as error:
        problems.add(("templates",), f"{given}: {reason(error)}")
    return templates


def _store(config: Config, folder: Path, source: Source) -> str | None:
    """With an absolute path. The file is made when it is opened."""
    if config.store_config.path is None:
        return config.store
    return str(config.store_config.under(Path.cwd() if "store" in source.overrides else folder))
