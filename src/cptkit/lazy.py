"""Names that a package offers and loads when they are first asked for."""

from importlib import import_module
from typing import Any

__all__ = ["first_use"]


def first_use(name: str, homes: dict[str, str], package: dict[str, Any]) -> Any:
    """What a package's ``__getattr__`` answers: the value, which from then on is the package's own.

    ``homes`` says for each name which module of the package holds it; a name that is its own home is that
    module. ``package``: the package's ``globals()``.

    :raises AttributeError: for a name without a home.

    >>> offered = {"__name__": "cptkit"}
    >>> first_use("Setting", {"Setting": "setting"}, offered)
    <enum 'Setting'>
    >>> "Setting" in offered
    True
    >>> first_use("setting", {"setting": "setting"}, offered).__name__
    'cptkit.setting'
    >>> first_use("Settings", {"Setting": "setting"}, offered)
    Traceback (most recent call last):
    ...
    AttributeError: module 'cptkit' has no attribute 'Settings'
    """
    home = homes.get(name)
    if home is None:
        raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
    module = import_module(f"{package['__name__']}.{home}")
    value = package[name] = module if name == home else getattr(module, name)
    return value
