"""What kind of code a fact is about: yes, no, or not to be told from the code."""

import datetime as dt

import pytest

from cptkit import Basis, codeset
from cptkit.rules.context import context_for
from cptkit.rules.kinds import codes_of, is_kind

CONTEXT = context_for(codeset("2026.1"), dt.date(2026, 3, 2), Basis.CPT)


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("80053", "section/laboratory", True),
        ("90834", "section/laboratory", False),
        ("G0463", "section/laboratory", None),
        ("G0463", "section/laboratory codes/G0463-G0463", True),
        ("G0463", "section/laboratory codes/90785-90899", None),
        ("90834", "section/laboratory codes/92002-92014", False),
        ("92002", "codes/92002-92014", True),
        ("92014", "codes/92002-92014", True),
        ("92001", "codes/92002-92014", False),
        ("92015", "codes/92002-92014", False),
        ("3008F", "category/II", True),
        ("90834", "category/II", False),
        ("90785", "add-on", True),
        ("90834", "add-on", False),
    ],
)
def test_a_code_is_of_a_kind(code, value, expected):
    assert is_kind(code, value, CONTEXT) is expected


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("90834", {"90834": "90834"}),
        ("codes/99212-99214", dict.fromkeys(("99212", "99213", "99214"), "codes/99212-99214")),
        (
            "codes/00100-00101 90480",
            {"00100": "codes/00100-00101", "00101": "codes/00100-00101", "90480": "90480"},
        ),
    ],
)
def test_the_codes_that_a_value_names(value, codes):
    assert dict(codes_of(value)) == codes
