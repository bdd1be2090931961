"""The public names: sorted, documented with an example, and loaded only when they are asked for."""

import importlib
import inspect
import re
import types

import pytest

import cptkit

PLAIN_VALUES = {"__version__"}  # a string documents nothing


@pytest.mark.parametrize(
    "name", ["cptkit", "cptkit.codesets", "cptkit.edits", "cptkit.rules", "cptkit.timerule"]
)
def test_all_is_sorted_and_is_what_dir_shows(name: str) -> None:
    package = importlib.import_module(name)
    assert dir(package) == sorted(package.__all__, key=lambda each: (each.islower(), each))
    assert len(set(package.__all__)) == len(package.__all__)


def test_the_names_of_cptkit_are_sorted() -> None:
    assert list(cptkit.__all__) == sorted(cptkit.__all__)


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
