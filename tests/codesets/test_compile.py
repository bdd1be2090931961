"""Compiling: the same facts give the same bytes, and an edition holds what stands in its year."""

import csv
import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cptkit.codesets import Codeset
from cptkit.codesets.build import compile_edition, read_facts
from cptkit.codesets.files import MANIFEST, digest_of
from cptkit.codesets.tables import EVIDENCE, TABLES
from cptkit.errors import BrokenFacts

EVIDENCE_OF_ALPHA = 'sources = ["ALPHA"], confidence = "verified", checked = 2026-11-21'
HISTORY = f"""history = [
  {{ from = 2028-01-01, earlier = true, {EVIDENCE_OF_ALPHA} }},
  {{ from = 2029-01-01, status = "ended", {EVIDENCE_OF_ALPHA} }},
]
"""
EARLIER = {
    "codes": '[[code]]\ncode = "90999"\nlabel = "old"\nfamily = "made up"\ntimed = false\n' + HISTORY,
    "modifiers": '[[modifier]]\ncode = "ZY"\nlabel = "old"\nowner = "CMS"\norder_class = 9\n' + HISTORY,
    "exclusions": '[[exclusion]]\nid = "perhaps-older"\ntitle = "two"\ncodes = ["90834"]\nexcludes = ["90785"]\n'
    'bypass = []\ndrop = "codes"\ncure = "one"\ndenial = "bundled"\n' + HISTORY,
}


def table(files, name):
    return list(csv.DictReader(files[name].decode().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def blocks(text):
    """The tables of a facts file, each with the comments before it, so that they can change places."""
    found, lines = [], text.splitlines(keepends=True)
    for line in lines:
        if line.startswith("[[code]]"):
            found.append("")
        if found:
            found[-1] += line if not line.startswith("#") else ""
    return found


class TestCanonical:
    """Clause: the same facts always give the same bytes, so that a digest names an edition."""

    def test_twice_the_same_bytes(self, small_facts, compiled):
        assert compile_edition(read_facts(small_facts), 2026, 1) == dict(compiled)

    def test_the_files_of_the_folder_do_not_matter(self, facts_copy, compiled):
        (facts_copy / "later").mkdir()
        for number, path in enumerate(sorted(facts_copy.rglob("small.toml"))):
            path.rename(facts_copy / "later" / f"{9 - number}.toml")
        assert compile_edition(read_facts(facts_copy), 2026, 1) == dict(compiled)

    @settings(max_examples=10)
    @given(st.randoms(use_true_random=False))
    def test_the_order_of_the_facts_does_not_matter(self, tmp_path_factory, small_facts, compiled, shuffler):
        folder = tmp_path_factory.mktemp("shuffled")
        for path in small_facts.rglob("*.toml"):
            (folder / path.name).parent.mkdir(exist_ok=True)
            text = path.read_text(encoding="utf-8")
            if path.name == "lives.toml":
                parts = blocks(text)
                assert len(parts) == 7
                shuffler.shuffle(parts)
                text = "".join(parts)
            target = folder / path.relative_to(small_facts)
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
        assert compile_edition(read_facts(folder), 2026, 1) == dict(compiled)

    def test_the_order_of_modifiers_in_a_set_does_not_matter(self, facts_copy, compiled):
        path = facts_copy / "modifiers" / "small.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('members = ["95", "GT"]', 'members = ["GT", "95"]'), encoding="utf-8")
        assert compile_edition(read_facts(facts_copy), 2026, 1) == dict(compiled)

    def test_rows_are_sorted_and_every_line_ends_in_one_line_feed(self, compiled):
        for name, data in compiled.items():
            text = data.decode("utf-8")
            assert text.endswith("\n"), name
            assert "\r" not in text, name
            assert not text.endswith("\n\n"), name
        for name, key in [
            ("codes.tsv", ["code"]),
            ("code-history.tsv", ["code", "from"]),
            ("addons.tsv", ["code", "from"]),
            ("modifiers.tsv", ["code"]),
            ("modifier-history.tsv", ["code", "from"]),
            ("modifier-sets.tsv", ["name"]),
            ("exclusions.tsv", ["id", "from"]),
            ("conventions.tsv", ["name", "from"]),
            ("denials.tsv", ["check"]),
            ("sources.tsv", ["key"]),
        ]:
            keys = [[row[column] for column in key] for row in table(compiled, name)]
            assert keys == sorted(keys), name
            assert len(keys) > 1, name

    def test_the_manifest_names_digest_and_rows_of_every_table(self, compiled):
        manifest = json.loads(compiled[MANIFEST])
        assert set(manifest["files"]) == set(compiled) - {MANIFEST}
        for name, entry in manifest["files"].items():
            assert entry["digest"] == digest_of(compiled[name])
            assert entry.get("rows") == (len(table(compiled, name)) if name.endswith(".tsv") else None)
        assert (manifest["edition"], manifest["year"], manifest["revision"]) == ("2026.1", 2026, 1)
        assert (manifest["first_day"], manifest["last_day"]) == ("2026-01-01", "2026-12-31")
        assert manifest["modifiers_complete_on"] == "2024-06-18"

    def test_a_revision_changes_the_manifest_only(self, small_facts, compiled):
        second = compile_edition(read_facts(small_facts), 2026, 2)
        assert {name for name in compiled if compiled[name] != second[name]} == {MANIFEST}
        assert json.loads(second[MANIFEST])["edition"] == "2026.2"


class TestWhatStandsInAYear:
    """Clause: an edition holds every row that starts on or before 31 December of its year, and no other.

    Save one: the first row of a life that may be older than its record. It says that nothing is known.
    """

    @pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
    def test_no_row_starts_after_the_year(self, small_facts, year):
        files = compile_edition(read_facts(small_facts), year, 1)
        for name in (
            "code-history.tsv",
            "addons.tsv",
            "modifier-history.tsv",
            "exclusions.tsv",
            "conventions.tsv",
        ):
            if name in files:
                assert all(row["from"] <= f"{year}-12-31" for row in table(files, name)), name
        rules = [
            rule for family in json.loads(files["timerules.json"])["families"] for rule in family["rules"]
        ]
        assert rules
        assert all(rule["from"] <= f"{year}-12-31" for rule in rules)

    def test_a_row_of_the_first_of_january_is_out_the_year_before_and_in_that_year(self, small_facts):
        facts = read_facts(small_facts)
        before, after = compile_edition(facts, 2026, 1), compile_edition(facts, 2027, 1)
        for name, key in [("codes.tsv", ("code", "99999")), ("modifiers.tsv", ("code", "ZZ"))]:
            assert not [row for row in table(before, name) if row[key[0]] == key[1]]
            assert [row for row in table(after, name) if row[key[0]] == key[1]]
        for name, count in [
            ("code-history.tsv", 2),
            ("addons.tsv", 1),
            ("modifier-history.tsv", 1),
            ("exclusions.tsv", 1),
            ("conventions.tsv", 1),
        ]:
            new = [row for row in table(after, name) if row not in table(before, name)]
            assert [row["from"] for row in new] == ["2027-01-01"] * count, name
        assert "of-tomorrow" not in before["timerules.json"].decode()
        assert "of-tomorrow" in after["timerules.json"].decode()

    def test_what_may_be_older_than_its_record_is_there_before_it(self, facts_copy):
        """The first row of a life that has ``earlier``, and no later one: before it nothing is known."""
        for name in ("codes", "modifiers", "exclusions"):
            path = facts_copy / name / "earlier.toml"
            path.write_text(EARLIER[name], encoding="utf-8")
        files = compile_edition(read_facts(facts_copy), 2026, 1)
        for name, column, key in [
            ("code-history.tsv", "code", "90999"),
            ("modifier-history.tsv", "code", "ZY"),
            ("exclusions.tsv", "id", "perhaps-older"),
        ]:
            rows = [row for row in table(files, name) if row[column] == key]
            assert [(row["from"], row["earlier"]) for row in rows] == [("2028-01-01", "yes")], name

    def test_a_code_of_next_year_is_not_covered_and_not_ended(self, small, small_facts, tmp_path):
        assert "99999" not in small
        assert small["90785"].last_day is None
        for name, data in compile_edition(read_facts(small_facts), 2027, 1).items():
            (tmp_path / name).write_bytes(data)
        later = Codeset.from_folder(tmp_path)
        assert str(later["90785"].last_day) == "2026-12-31"
        assert "99999" in later

    def test_only_sources_in_use_are_there(self, compiled):
        assert [row["key"] for row in table(compiled, "sources.tsv")] == ["ALPHA", "BETA"]

    def test_a_source_that_only_a_time_rule_names_is_there(self, facts_copy):
        path = facts_copy / "time" / "small.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('sources = ["BETA"]', 'sources = ["UNUSED"]'), encoding="utf-8")
        files = compile_edition(read_facts(facts_copy), 2026, 1)
        assert [row["key"] for row in table(files, "sources.tsv")] == ["ALPHA", "BETA", "UNUSED"]

    def test_the_source_of_the_list_of_modifiers_is_there(self, facts_copy):
        path = facts_copy / "modifiers" / "small.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('sources = ["ALPHA"]', 'sources = ["UNUSED"]', 1), encoding="utf-8")
        files = compile_edition(read_facts(facts_copy), 2026, 1)
        assert "UNUSED" in [row["key"] for row in table(files, "sources.tsv")]

    def test_a_table_without_rows_has_its_columns(self, small_facts, tmp_path):
        files = compile_edition(read_facts(small_facts), 2014, 1)
        assert table(files, "addons.tsv") == []
        assert files["addons.tsv"].decode() == "\t".join(TABLES["addons.tsv"]) + "\n"
        assert json.loads(files[MANIFEST])["files"]["addons.tsv"]["rows"] == 0
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        old = Codeset.from_folder(tmp_path)
        assert old.addon("90785", date_of_service=dt.date(2014, 7, 1)) is None

    def test_every_table_has_the_columns_on_record(self, compiled):
        """One place says what the tables hold, in their order; evidence comes last."""
        assert {name for name in compiled if name.endswith(".tsv")} == set(TABLES)
        for name, columns in TABLES.items():
            assert compiled[name].decode().split("\n", 1)[0].split("\t") == list(columns), name
            assert name == "sources.tsv" or columns[-4:] == EVIDENCE, name


class TestRevisions:
    """Clause: a revision is a row in its code's table from its year on; its code is a known one."""

    def written(self, facts_copy, *rows):
        (facts_copy / "revisions.toml").write_text(
            "".join(
                f'[[revision]]\ncode = "{code}"\nfrom = {day}\nwhat = "{what}"\n'
                'sources = ["UNUSED"]\nconfidence = "derived"\nchecked = 2026-11-21\n'
                for code, day, what in rows
            ),
            encoding="utf-8",
        )
        return read_facts(facts_copy)

    def test_rows_by_code_and_day(self, facts_copy):
        rows = [
            ("90834", "2026-01-01", "longer"),
            ("90785", "2020-01-01", "wider"),
            ("90834", "2019-01-01", "new"),
        ]
        files = compile_edition(self.written(facts_copy, *rows), 2026, 1)
        assert [(row["code"], row["from"], row["what"]) for row in table(files, "revisions.tsv")] == [
            ("90785", "2020-01-01", "wider"),
            ("90834", "2019-01-01", "new"),
            ("90834", "2026-01-01", "longer"),
        ]
        assert "UNUSED" in [row["key"] for row in table(files, "sources.tsv")]

    def test_a_revision_of_next_year_is_not_there(self, facts_copy):
        facts = self.written(facts_copy, ("90834", "2027-01-01", "longer"))
        assert table(compile_edition(facts, 2026, 1), "revisions.tsv") == []
        assert len(table(compile_edition(facts, 2027, 1), "revisions.tsv")) == 1


class TestSections:
    """Clause: a code stands in the section its fact names, or else in the first whose range holds it."""

    def test_sections_by_range_and_by_name(self, compiled):
        found = {row["code"]: row["section"] for row in table(compiled, "codes.tsv")}
        assert found == {
            "0373T": "other",
            "90700": "surgery",
            "90785": "medicine",
            "90801": "evaluation-management",
            "90834": "medicine",
            "G2212": "other",
        }

    def test_the_ranges_stand_in_the_order_of_the_facts(self, compiled, small_facts):
        """The first range that holds a code wins, so their order is kept."""
        ranges = [(fact.name, *pair) for fact in read_facts(small_facts).sections for pair in fact.ranges]
        rows = table(compiled, "sections.tsv")
        assert [(row["name"], row["low"], row["high"]) for row in rows] == ranges
        assert len(rows) > 2

    def test_the_evidence_of_a_code_is_that_of_its_section(self, compiled):
        row = next(row for row in table(compiled, "codes.tsv") if row["code"] == "90834")
        assert (row["sources"], row["confidence"], row["note"]) == ("BETA", "derived", "the rest")

    @pytest.mark.parametrize(
        ("code", "section"),
        [
            ("10004", "surgery"),
            ("69990", "surgery"),
            ("90281", "medicine"),
            ("90799", "medicine"),
            ("90800", "evaluation-management"),
            ("90802", "evaluation-management"),
            ("90803", "medicine"),
        ],
    )
    def test_both_ends_of_a_range_are_in_it(self, facts_copy, code, section):
        (facts_copy / "codes" / "edge.toml").write_text(
            f'[[code]]\ncode = "{code}"\nlabel = "edge"\nfamily = "edge"\ntimed = false\nhistory = [\n'
            '  { from = 2020-01-01, sources = ["ALPHA"], confidence = "verified", checked = 2026-11-21 },\n]\n',
            encoding="utf-8",
        )
        files = compile_edition(read_facts(facts_copy), 2026, 1)
        assert {row["code"]: row["section"] for row in table(files, "codes.tsv")}[code] == section

    def test_a_range_holds_codes_of_its_own_kind_only(self, facts_copy):
        """`0373T` lies between 00100 and 01999 as text, and is no code of that range."""
        path = facts_copy / "codes" / "sections.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace('[["90800", "90802"]]', '[["00100", "09999"], ["90800", "90802"]]'), encoding="utf-8"
        )
        files = compile_edition(read_facts(facts_copy), 2026, 1)
        assert {row["code"]: row["section"] for row in table(files, "codes.tsv")}["0373T"] == "other"


class TestTimeRules:
    """Clause: timerules.json holds the rows as written, days as text, sorted by basis and first day."""

    def test_a_rule_is_as_written(self, compiled):
        (family,) = json.loads(compiled["timerules.json"])["families"]
        first = family.pop("rules")[0]
        assert family == {
            "id": "talk",
            "title": "sessions",
            "codes": ["90834", "0373T"],
            "scope": "session",
            "whose_time": "the clinician's",
            "optional": False,
        }
        assert first == {
            "from": "2013-01-01",
            "basis": ["cpt"],
            "kind": "pick-by-band",
            "floors": {"90834": 38, "0373T": 16},
            "ceiling": 52,
            "status": "in-force",
            "sources": ["ALPHA"],
            "confidence": "verified",
            "checked": "2026-11-21",
            "note": "made up",
            "chain": [
                {
                    "after": "90834",
                    "code": "90785",
                    "from_minutes": 90,
                    "step": 30,
                    "sources": ["BETA"],
                    "confidence": "derived",
                    "checked": "2026-11-21",
                }
            ],
        }

    def test_rules_are_sorted_by_basis_and_first_day(self, small_facts):
        files = compile_edition(read_facts(small_facts), 2027, 1)
        families = {family["id"]: family for family in json.loads(files["timerules.json"])["families"]}
        assert list(families) == ["of-tomorrow", "talk"]
        rows = [(rule["basis"], rule["from"]) for rule in families["talk"]["rules"]]
        assert rows == [(["cpt"], "2013-01-01"), (["cpt"], "2027-01-01"), (["medicare"], "2012-01-01")]


@pytest.mark.parametrize("sign", ["\t", "\r", "\n"])
def test_no_text_of_a_table_holds_a_tab_or_a_line_break(facts_copy, sign):
    path = facts_copy / "sources.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("made up for tests", f"made{json.dumps(sign)[1:-1]}up"), encoding="utf-8")
    with pytest.raises(BrokenFacts, match=r"sources\.tsv, column supports holds a tab or a line break"):
        compile_edition(read_facts(facts_copy), 2026, 1)


def test_a_list_of_texts_reaches_the_user_as_written(facts_copy, tmp_path):
    """A semicolon within a text does not make it two; or else the text is refused."""
    path = facts_copy / "modifiers" / "small.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"by contract"', '"under Medicare; payers vary"'), encoding="utf-8")
    try:
        files = compile_edition(read_facts(facts_copy), 2026, 1)
    except BrokenFacts:
        return
    folder = tmp_path / "edition"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    video = Codeset.from_folder(folder).modifier("95")
    assert video.attaches_to == ("codes of the telehealth list", "under Medicare; payers vary")
