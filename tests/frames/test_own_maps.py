"""Column maps of the caller: some fields of a map named anew, and maps as files."""

import pytest

from cptkit.errors import AmbiguousColumns, BrokenColumnMap, UnknownColumnMap, UnreadableClaims
from cptkit.frames.maps import bundled_maps, column_map
from cptkit.setting import Setting

OWN = """
format = 1
id = "clinic"
title = "Our extract"
source = "our warehouse"
detect = ["units"]
[columns]
claim = ["acct"]
code = ["px"]
date_of_service = ["day", "day2"]
units = ["n"]
setting = ["kind"]
[settings]
P = "practitioner"
H = "hospital"
"""


def test_some_fields_of_a_bundled_map_may_be_named_anew():
    header = ["person_id", "member_id", "claim_id", "claim_start_date", "claim_line_start_date", "hcpcs_code"]
    header += ["hcpcs_modifier_1", "service_unit_quantity", "claim_type"]
    usual = column_map("tuva").fit(header)
    held = column_map({"map": "tuva", "date_of_service": "claim_start_date"}).fit(header)
    assert held.fields == {**usual.fields, "date_of_service": ("claim_start_date",)}
    assert held.map.settings == usual.map.settings
    assert "names chosen by the caller, beside those of tuva" in held.describe()
    assert column_map({"map": bundled_maps()["tuva"], "units": None}).fit(header).absent[1:3] == (
        "units",
        "minutes",
    )


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"map": "tuwa"}, UnknownColumnMap, "did you mean tuva"),
        ({"map": 5, "code": "x"}, UnknownColumnMap, "no column map: 5"),
        ({"map": {"code": "x"}}, BrokenColumnMap, "not beside another mapping"),
        (
            {"map": "synpuf", "code": "x"},
            BrokenColumnMap,
            "several lines a row cannot be changed field by field: 'synpuf'",
        ),
        ({"map": "tuva", "codes": "x"}, BrokenColumnMap, "did you mean code"),
    ],
)
def test_what_is_no_map_to_change(given, error, told):
    with pytest.raises(error, match=told):
        column_map(given)


def test_what_was_chosen_before_is_still_required():
    first = column_map({"map": "tuva", "minutes": "Dauer", "units": "n"})
    again = column_map({"map": first, "units": None, "code": "Px"})
    assert again.chosen == {"minutes", "code"}
    assert again.title == "names chosen by the caller, beside those of tuva"
    with pytest.raises(UnreadableClaims, match="no such column: 'Dauer'"):
        again.fit(["person_id", "claim_line_start_date", "Px"])


@pytest.mark.parametrize("own_id", ["clinic", "cptkit", "tuva"])
def test_what_to_write_beside_a_map_of_ones_own(tmp_path, own_id):
    path = tmp_path / "clinic.toml"
    path.write_text(OWN.replace('["px"]', '["px | py"]').replace('"clinic"', f'"{own_id}"'))
    with pytest.raises(AmbiguousColumns) as caught:
        column_map(path).fit(["acct", "px", "py", "day"])
    assert f'columns={{"map": "{path}", "code": "px"}}' in caught.value.expected
    assert column_map({"map": str(path), "code": "px"}).fit(["acct", "px", "py", "day"]).unused == ("py",)
    with pytest.raises(UnreadableClaims) as lacking:
        column_map({"map": "tuva", "units": "n"}).fit(["person_id", "claim_line_start_date", "n"])
    assert (
        'columns={..., "code": "..."}, at the command line one more --column code=...'
        in lacking.value.expected
    )


class TestChosenByTheCaller:
    def test_what_is_chosen_goes_before_the_accepted_names(self):
        held = column_map({"code": "Px", "modifiers": ["m a", "m b"], "charge": None}).fit(
            ["patient", "dos", "cpt", "Px", "m a", "m b", "mod1", "charge"]
        )
        assert held.fields["code"] == ("Px",)
        assert held.fields["modifiers"] == ("m a", "m b")
        assert held.unused == ("cpt", "mod1", "charge")

    @pytest.mark.parametrize(
        ("chosen", "words"),
        [
            ({"cod": "Px"}, "no such field of a claim line: 'cod'.*did you mean code"),
            ({"code": 3}, "the column of code is no name: 3"),
            ({"code": [""]}, "the column of code is no name"),
            ({"code": ["a", "b"]}, "code has one column"),
            ({"modifiers": [1]}, "the column of modifiers is no name"),
        ],
    )
    def test_what_cannot_be_chosen(self, chosen, words):
        with pytest.raises(BrokenColumnMap, match=words):
            column_map(chosen)

    @pytest.mark.parametrize(
        ("chosen", "given", "expected", "near"),
        [
            ({"units": "unitsx"}, "unitsx", "units", ("units",)),
            ({"modifiers": ["mod 1", "mod 3"]}, "mod 3", "modifiers", ("Mod2", "Mod1")),
            ({"modifiers": ("mod3",)}, "mod3", "modifiers", ("Mod2", "Mod1")),
            ({"code": "zz"}, "zz", "the code", ()),
            ({"line": "line id", "charge": "Px"}, "line id", "the line", ()),
            ({"code": "#"}, "#", "the code", ()),
        ],
    )
    def test_each_must_be_in_the_table(self, chosen, given, expected, near):
        header = ["patient", "dos", "cpt", "Mod1", "Mod2", "units"]
        with pytest.raises(UnreadableClaims, match=r"^the table has no such column: ") as caught:
            column_map(chosen).fit(header)
        told = caught.value
        assert (told.given, told.near) == (given, near)
        assert told.expected == f"for {expected} one of {', '.join(header)}"

    def test_they_are_there_whatever_case_and_signs(self):
        chosen = column_map({"units": "Units Billed", "modifiers": ["M 1", "m2"], "minutes": None})
        assert chosen.chosen == {"units", "modifiers"}
        held = chosen.fit(["patient", "dos", "cpt", "m1", "M-2", "units_billed", "minutes"])
        assert held.fields["units"] == ("units_billed",)
        assert held.fields["modifiers"] == ("m1", "M-2")
        assert held.unused == ("minutes",)

    def test_names_that_are_not_chosen_may_be_absent(self, tmp_path):
        assert column_map({"code": "cpt"}).fit(["patient", "dos", "cpt"]).fields["code"] == ("cpt",)
        path = tmp_path / "clinic.toml"
        path.write_text(OWN)
        assert "units" in column_map(path).fit(["acct", "px", "day"]).absent

    def test_a_map_is_itself(self):
        own = column_map("tuva")
        assert column_map(own) is own


class TestOwnFile:
    def test_it_is_read(self, tmp_path):
        path = tmp_path / "clinic.toml"
        path.write_text(OWN)
        own = column_map(path)
        assert own == column_map(str(path))
        assert own.settings == {"p": Setting.PRACTITIONER, "h": Setting.HOSPITAL}
        assert own.fit(["acct", "px", "day2"]).fields["date_of_service"] == ("day2",)

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("format = 1", "format = 2", r"clinic\.toml:2: another format: 2"),
            ('id = "clinic"', 'id = "a b"', r"clinic\.toml:3: id is not a word"),
            ('source = "our warehouse"', "", "source is missing"),
            ('"units"]', '"unit"]', r"clinic\.toml:6: no such field: 'unit'.*did you mean units"),
            ('code = ["px"]', "", r"clinic\.toml:7: columns names none for the code"),
            ('code = ["px"]', "code = 3", r"clinic\.toml:9: code is a number"),
            ('code = ["px"]', 'code = ["px", "px"]', "code says it twice"),
            ('units = ["n"]', 'unit = ["n"]', r"clinic\.toml:11: no such key: 'unit'.*did you mean units"),
            ('units = ["n"]', 'units = ["n{1..4}"]', "units counts other lines than code: 4; expected none"),
            ('H = "hospital"', 'H = "clinic"', r"clinic\.toml:15: H is none of its words"),
            ('title = "Our extract"', "title =", r"clinic\.toml:4: this is not TOML"),
            ("[columns]", "[column]", "no such key: 'column'"),
        ],
    )
    def test_what_is_wrong_is_told_with_file_and_line(self, tmp_path, old, new, words):
        path = tmp_path / "clinic.toml"
        assert old in OWN
        path.write_text(OWN.replace(old, new))
        with pytest.raises(BrokenColumnMap, match=words):
            column_map(path)

    def test_none_there(self, tmp_path):
        with pytest.raises(BrokenColumnMap, match="cannot be read"):
            column_map(tmp_path / "none.toml")
        with pytest.raises(UnknownColumnMap, match="did you mean omop"):
            column_map("omopp")

    def test_each_problem_is_told_once(self, tmp_path):
        path = tmp_path / "clinic.toml"
        path.write_text(OWN.replace('units = ["n"]', 'units = "n"\ncolour = ["x"]'))
        with pytest.raises(BrokenColumnMap) as caught:
            column_map(path)
        told = str(caught.value)
        assert told.count("units is") == 1
        assert told.count("patient") == 1
