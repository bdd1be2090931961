"""The public names: sorted, documented with an example, and loaded only when they are asked for."""

import importlib
import inspect
import re
import types

import pytest

import cptkit

PLAIN_VALUES = {"__version__"}  # a string documents nothing


def test_all_is_sorted_and_is_what_dir_shows() -> None:
    assert list(cptkit.__all__) == sorted(cptkit.__all__)
    assert dir(cptkit) == list(cptkit.__all__)
    assert len(set(cptkit.__all__)) == len(cptkit.__all__)


@pytest.mark.parametrize("name", sorted(set(cptkit.__all__) - PLAIN_VALUES))
def test_every_public_name_has_an_example(name: str) -> None:
    value = getattr(cptkit, name)
    text = inspect.getdoc(value) or ""
    assert text, f"cptkit.{name} has no docstring"
    assert ">>>" in text, f"cptkit.{name} has no example in its docstring"


@pytest.mark.parametrize("name", sorted(set(cptkit.__all__) - PLAIN_VALUES))
def test_every_public_name_is_the_one_of_its_module(name: str) -> None:
    value = getattr(cptkit, name)
    if isinstance(value, types.ModuleType):
        assert value.__name__ == f"cptkit.{name}"
    else:
        assert getattr(importlib.import_module(value.__module__), name) is value


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'cptkit' has no attribute 'chekc'"):
        cptkit.chekc  # noqa: B018 - the access is what is tested


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", cptkit.__version__)
