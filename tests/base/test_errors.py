"""The errors: one tree, readable by a person and by a program, whole after pickling."""

import copy
import pickle

import pytest

from cptkit import errors
from cptkit.errors import CptkitError, InvalidCode, UnknownCode, nearest

CLASSES = [value for name in errors.__all__ if isinstance(value := getattr(errors, name), type)]
LOOKUPS = {
    "DateOutsideEdition",
    "NoTimeRule",
    "NotInLog",
    "UnknownCode",
    "UnknownColumnMap",
    "UnknownEdition",
    "UnknownFamily",
    "UnknownModifier",
    "UnknownProfile",
    "UnknownRule",
    "UnknownTable",
    "UnknownZone",
}
VALUES = {
    "BrokenColumnMap",
    "BrokenLock",
    "BrokenProfile",
    "BrokenReport",
    "BrokenWaivers",
    "InvalidChoice",
    "InvalidClaim",
    "InvalidCode",
    "InvalidDate",
    "InvalidMinutes",
    "InvalidModifier",
    "InvalidQuarter",
    "InvalidSearch",
    "InvalidService",
    "InvalidTimeLog",
    "InvalidUnits",
    "InvalidWaiver",
}
TYPES = {"InvalidDate", "InvalidReport"}


def full(kind):
    return kind("cannot do that", given="x", expected="an even number", near=["y", "z"], where="a.toml")


def pickled(error):
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes


def attributes(error):
    return (error.message, error.given, error.expected, error.near, error.where)


def test_every_class_of_the_module_is_public_and_in_the_tree():
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert defined == {kind.__name__ for kind in CLASSES}
    assert all(issubclass(kind, CptkitError) for kind in CLASSES)
    assert sorted(errors.__all__) == errors.__all__


@pytest.mark.parametrize("kind", CLASSES)
def test_look_ups_are_lookup_errors_and_values_are_value_errors(kind):
    assert issubclass(kind, LookupError) is (kind.__name__ in LOOKUPS)
    assert issubclass(kind, ValueError) is (kind.__name__ in VALUES)
    assert issubclass(kind, TypeError) is (kind.__name__ in TYPES)


@pytest.mark.parametrize("kind", CLASSES)
def test_attributes_are_what_was_given(kind):
    assert attributes(full(kind)) == ("cannot do that", "x", "an even number", ("y", "z"), "a.toml")
    assert attributes(kind("cannot do that")) == ("cannot do that", None, None, (), None)
    assert kind("cannot do that").args == ("cannot do that",)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    "travel",
    [pickled, copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_an_error_travels_whole(kind, travel):
    error = full(kind)
    error.add_note("line 3")
    back = travel(error)
    assert type(back) is kind
    assert attributes(back) == attributes(error)
    assert str(back) == str(error)
    assert back.args == error.args
    assert back.__notes__ == ["line 3"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_travels_by_every_pickle_protocol(protocol):
    back = pickle.loads(pickle.dumps(full(UnknownCode), protocol))  # noqa: S301 - our own bytes
    assert attributes(back) == attributes(full(UnknownCode))


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "wrong"),
        ({"given": 3}, "wrong: 3"),
        ({"given": ""}, "wrong: ''"),
        ({"given": 0}, "wrong: 0"),
        ({"expected": "an even number"}, "wrong; expected an even number"),
        ({"near": ["90834"]}, "wrong; did you mean 90834?"),
        ({"near": iter(["90834", "90832"])}, "wrong; did you mean 90834 or 90832?"),
        ({"where": "facts/a.toml"}, "wrong; see facts/a.toml"),
        ({"near": ["90834"], "where": "facts/a.toml"}, "wrong; did you mean 90834? See facts/a.toml"),
        (
            {"given": "9O834", "expected": "a digit", "near": ["90834"], "where": "line 3"},
            "wrong: '9O834'; expected a digit; did you mean 90834? See line 3",
        ),
    ],
)
def test_the_sentence(parts, text):
    assert str(InvalidCode("wrong", **parts)) == text


def test_one_except_catches_them_all():
    for kind in CLASSES:
        with pytest.raises(CptkitError):
            raise full(kind)


def test_nearest_values_come_best_first_and_at_most_three():
    known = ["90832", "90834", "90837", "90839", "27447"]
    assert nearest("90834", known)[0] == "90834"
    assert len(nearest("9083", known)) == 3
    assert nearest("9083", iter(known), limit=1) == nearest("9083", known)[:1]
    assert nearest("zzzzz", known) == ()
    assert nearest("90834", []) == ()
