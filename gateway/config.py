"""The config file: load it, check it, and say in one line what is wrong and where.

YAML 1.2, keys in snake_case; only a connector's ``config`` is Logto's JSON, camelCase and all. ``${env:NAME}`` as a
whole value is taken from the environment.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from gateway import resources
from gateway.errors import ConfigError

_ENV = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
# What YAML's own messages quote of a value: it may be a secret.
_QUOTES = re.compile(r"( with value|(?<=alias)|(?<=tag)|(?<=timestamp)) .*", re.DOTALL)
_MAX_FILE_BYTES = 1024 * 1024

# An empty one (of an empty variable, say) would be a door without a lock.
Secret = Annotated[SecretStr, Field(min_length=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ServerConfig(Section):
    """Where it listens and who may call. ``shared``: others use it too, so nobody moves its clock."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 4650
    api_token: Secret | None = None
    insecure_open: bool = False
    shared: bool = False
    allow_hosts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _guarded(self) -> ServerConfig:
        if not _is_loopback(self.host) and self.api_token is None and not self.insecure_open:
            raise ValueError(
                f"host {self.host} is reachable from other machines: set an API token (--api-token), "
                "or say --insecure-open"
            )
        return self


class RetentionConfig(Section):
    """What each stream of the log keeps: entries, bytes, and hours of real age."""

    count: Annotated[int, Field(ge=1)] = 10_000
    bytes: Annotated[int, Field(ge=1024)] = 256 * 1024 * 1024
    hours: Annotated[float, Field(gt=0)] = 24.0


class ConnectorConfig(Section):
    """One connector. ``config`` or ``config_file`` is Logto's JSON, ``options`` are ours."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    factory: str
    config: dict[str, Any] | None = None
    config_file: Path | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    authorization: Secret | None = None
    live: bool = False

    @model_validator(mode="after")
    def _one_config(self) -> ConnectorConfig:
        if (self.config is None) == (self.config_file is None):
            raise ValueError("give either config or config_file")
        return self


class LiveConfig(Section):
    allow: tuple[str, ...] = ()
    sends_per_day: Annotated[int, Field(ge=0)] = 50


class Config(Section):
    """The whole file."""

    mode: Literal["sandbox", "live"] = "sandbox"
    live: LiveConfig = Field(default_factory=LiveConfig)
    defaults: dict[Literal["sms", "email"], str] = Field(default_factory=dict)
    server: ServerConfig = Field(default_factory=ServerConfig)
    store: Annotated[str, Field(pattern=r"^(memory:?|sqlite:.+)$")] = "memory:"
    templates: Path | None = None
    retention: RetentionConfig = Field(default_factory=RetentionConfig)
    connectors: tuple[ConnectorConfig, ...] | None = None
    fakes: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _unique_ids(self) -> Config:
        ids = [connector.id for connector in self.connectors or ()]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"connectors: the id {twice} is given twice")
        return self


def load_config(path: Path | None, overrides: Mapping[str, Any] | None = None) -> Config:
    """The config of a file (or of none), with what the command line says on top. Raises ConfigError.

    Relative paths in the file start at the file.
    """
    given = _read(path) if path is not None else {}
    if given.get("connectors") is None:
        given["connectors"] = _read(resources.folder("fixtures") / "sandbox.yaml")["connectors"]
    place = str(path) if path is not None else "command line"
    try:
        config = Config.model_validate(_resolve(_merge(given, overrides or {}), place, ""))
    except ValidationError as error:
        raise _refusal(f"{place}: {_explain(error)}") from None
    except RecursionError:
        raise _refusal(f"{place}: is nested too deeply, or contains itself") from None
    folder = path.resolve().parent if path is not None else Path.cwd()
    templates = folder / config.templates if config.templates is not None else None
    if templates is not None and not templates.is_dir():
        raise _refusal(f"{place}: templates: {templates}: must be a folder")
    connectors = tuple(_with_file(one, folder, place) for one in config.connectors or ())
    # A path of the command line starts where that was typed.
    store = _store(config.store, Path.cwd() if "store" in (overrides or {}) else folder)
    return config.model_copy(update={"connectors": connectors, "templates": templates, "store": store})


def _store(store: str, folder: Path) -> str:
    kind, _, path = store.partition(":")
    return f"sqlite:{folder / path}" if kind == "sqlite" else store


def _refusal(text: str) -> ConfigError:
    """In one line, also where a key or a path has line breaks."""
    return ConfigError(" ".join(text.splitlines()))


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise _refusal(f"{path}: is larger than 1 MiB")
        found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _refusal(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise _refusal(f"{path}: is not UTF-8") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark is not None else ""
        raise _refusal(f"{path}: {where}{_QUOTES.sub('', error.problem or 'is not YAML')}") from None
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        # Its constructors raise whatever happens to go wrong: KeyError for `!!bool x`.
        raise _refusal(f"{path}: is not YAML") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _refusal(f"{path}: must hold keys and values, such as server: {{port: 4650}}")
    return found


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            merged[key] = _merge(under, value)
        else:
            merged[key] = value
    return merged


def _resolve(value: Any, place: str, path: str) -> Any:
    """Put the environment's values in."""
    if isinstance(value, Mapping):
        return {key: _resolve(inner, place, f"{path}.{key}" if path else str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, place, f"{path}.{at}") for at, inner in enumerate(value)]
    match = _ENV.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    found = os.environ.get(match[1])
    if found is None:
        raise _refusal(f"{place}: {path}: the environment variable {match[1]} is not set")
    return found


def _with_file(connector: ConnectorConfig, folder: Path, place: str) -> ConnectorConfig:
    if connector.config_file is None:
        return connector
    path = folder / connector.config_file
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise _refusal(f"{place}: connectors.{connector.id}.config_file: {path}: {reason}") from None
    except (ValueError, RecursionError):
        raise _refusal(f"{place}: connectors.{connector.id}.config_file: {path}: is not JSON") from None
    if not isinstance(found, dict):
        raise _refusal(f"{place}: connectors.{connector.id}.config_file: {path}: must be a JSON object")
    return connector.model_copy(update={"config": found, "config_file": None})


def _explain(error: ValidationError) -> str:
    """Every problem with its path, in one line; an unknown key with the nearest known one."""
    parts = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        path = ".".join(str(part) for part in problem["loc"])
        text = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        if problem["type"] == "too_short":
            text = "must not be empty"
        elif problem["type"] == "extra_forbidden":
            known = _keys_at(problem["loc"][:-1])
            near = difflib.get_close_matches(str(problem["loc"][-1]), known, 1)
            text = f"unknown key; did you mean {near[0]}?" if near else f"unknown key; known: {', '.join(known)}"
        parts.append(f"{path}: {text}" if path else text)
    return "; ".join(parts)


def _keys_at(path: tuple[int | str, ...]) -> list[str]:
    """The keys that a section of the file knows."""
    section: type[BaseModel] = Config
    for part in path:
        if isinstance(part, str):
            annotation = section.model_fields[part].annotation
            section = next((one for one in _classes(annotation) if issubclass(one, Section)), section)
    return list(section.model_fields)


def _classes(annotation: Any) -> list[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _classes(inner)]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
