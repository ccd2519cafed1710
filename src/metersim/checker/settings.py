"""Options that stand in a file: ``metersim.toml``, by the names that they have as options."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.vendor import installed_vendors

FILE = "metersim.toml"


def read_settings(path: Path, vendor: str, known: Collection[str]) -> dict[str, Json]:
    """The options of ``[check]``, and over them those of ``[check.VENDOR]``.

    ``set`` is a table of values, the general one of those of all vendors; ``known`` are the names
    of all options. ControlError says where the file is wrong.
    """
    data = read_toml(path, "check")
    general = _table(data.get("check", {}), f"{path}: check")
    vendors = installed_vendors()
    for key in (each for each, value in general.items() if isinstance(value, dict)):
        if key not in {*vendors, "set"}:
            raise ControlError(f"{path}: check.{key}: {nearest(key, vendors)}")
    own = _table(general.pop(vendor, {}), f"{path}: check.{vendor}")
    # Tables of other vendors; the value of an option is a table nowhere but in `set`.
    general = {k: v for k, v in general.items() if k == "set" or not isinstance(v, dict)}
    values = {
        **_table(general.get("set", {}), f"{path}: check.set"),
        **_table(own.get("set", {}), f"{path}: check.{vendor}.set"),
    }
    found = {**general, **own}
    for key in found.keys() - known:
        raise ControlError(f"{path}: {key!r} is not known; {nearest(key, known)}")
    if values:
        found["set"] = [f"{key}={value}" for key, value in values.items()]
    return {key: _as_option(value) for key, value in found.items()}


def read_toml(path: Path, key: str, option: str = "") -> dict[str, Json]:
    """A TOML file with one key at its top; ``option`` is the one that named the file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ControlError(f"{option}{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ControlError(f"{option}{path}: no TOML: {error}") from None
    for found in data.keys() - {key}:
        raise ControlError(f"{path}: {found!r} is not known; {nearest(found, {key})}")
    return data


def _table(value: Json, where: str) -> dict[str, Json]:
    if not isinstance(value, Mapping):
        raise ControlError(f"{where}: expected a table, found {value!r}")
    return dict(value)


def _as_option(value: Json) -> Json:
    """As it would stand on the command line."""
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if isinstance(value, (bool, int)) else str(value)
