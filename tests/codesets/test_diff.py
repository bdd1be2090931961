"""The difference of two editions: its days, its mirror, and corrections apart from news."""

import datetime as dt
import json
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cptkit import codesets
from cptkit.codesets import Codeset, bundled_editions
from cptkit.codesets.files import EditionFiles, read_edition
from cptkit.codesets.lookup import _data
from cptkit.errors import CptkitError
from cptkit.reports import change_sheet

EDITIONS = [codesets.codeset(name) for name in bundled_editions()]
PAIRS = list(pairwise(EDITIONS))
ONE_DAY = dt.timedelta(days=1)
SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
NEWEST = EDITIONS[-1]


def names(pairs):
    return [f"{a.edition}-{b.edition}" for a, b in pairs]


def files_of(edition: Codeset) -> EditionFiles:
    return read_edition(_data().joinpath(edition.edition))


def changed(edition: Codeset, *replacements: tuple[str, str, str], name: str = "") -> Codeset:
    """The edition with texts replaced in its tables, as another revision of it."""
    files = files_of(edition)
    texts = dict(files.texts)
    for table, old, new in replacements:
        assert texts[table].count(old) == 1, f"{old!r} stands {texts[table].count(old)} times in {table}"
        texts[table] = texts[table].replace(old, new)
    manifest = dict(files.manifest) | {"edition": name or f"{edition.year}.99"}
    return Codeset(EditionFiles(manifest, "sha256:" + "0" * 64, texts))


def row_of(edition: Codeset, table: str, start: str) -> str:
    """The first line of a table that starts so, with its line break."""
    return next(
        line for line in files_of(edition).texts[table].splitlines(keepends=True) if line.startswith(start)
    )


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=names(PAIRS))
class TestDayEdges:
    """What is added is in force on its first day and not the day before; what is deleted, the reverse."""

    def stands(self, edition, change, day):
        if change.kind == "modifier":
            return edition.modifier(change.code).status(date_of_service=day).in_force
        return edition.status(change.code, date_of_service=day).in_force

    def test_added(self, a, b):
        for change in codesets.diff(a, b).added:
            assert self.stands(b, change, change.day) is True, change
            assert self.stands(b, change, change.day - ONE_DAY) is False, change

    def test_deleted(self, a, b):
        for change in codesets.diff(a, b).deleted:
            assert self.stands(b, change, change.day) is False, change
            assert self.stands(b, change, change.day - ONE_DAY) is True, change
            assert self.stands(a, change, a.last_day) is not False, change  # None: on record from later

    def test_every_change_lies_in_the_later_year(self, a, b):
        for change in codesets.diff(a, b):
            assert a.last_day < change.day <= b.last_day
            assert not change.corrected

    def test_a_code_that_stands_otherwise_at_the_end_is_told(self, a, b):
        told = {change.code for change in (*codesets.diff(a, b).added, *codesets.diff(a, b).deleted)}
        told |= {change.code for change in codesets.diff(a, b).revised if change.earlier}
        for code in b:
            was = code in a and a.status(code, date_of_service=a.last_day).in_force
            # None: both know that it may be older than its record, and tell the same
            assert was is None or b.status(code, date_of_service=b.last_day).in_force is was or code in told


@pytest.mark.parametrize(("a", "b"), list(combinations(EDITIONS, 2)), ids=names(combinations(EDITIONS, 2)))
def test_the_other_way_round_is_the_mirror_image(a, b):
    def seen(changes, *, mirrored=False):
        found = []
        for change in changes:
            texts = (change.after, change.before) if mirrored else (change.before, change.after)
            key = (change.kind, change.code, change.day, change.successors, change.basis, change.corrected)
            found.append((*key, *texts))
        return sorted(found, key=repr)

    there, back = codesets.diff(a, b), codesets.diff(b, a)
    assert seen(there.added) == seen(back.deleted, mirrored=True)
    assert seen(there.deleted) == seen(back.added, mirrored=True)
    assert seen(there.revised) == seen(back.revised, mirrored=True)


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.edition)
def test_an_edition_does_not_differ_from_itself(edition):
    same = codesets.diff(edition, edition)
    assert not same
    assert list(same) == []
    renamed = changed(edition)  # another digest, so that the rows are really compared
    assert list(codesets.diff(edition, renamed)) == []


@given(st.integers())
@settings(max_examples=10)
def test_the_order_of_rows_does_not_matter(seed):
    random = Random(seed)  # noqa: S311 - a shuffle is no secret
    a, b = EDITIONS[-2], EDITIONS[-1]
    files = files_of(b)
    texts = dict(files.texts)
    for table in ("code-history.tsv", "addons.tsv", "revisions.tsv", "exclusions.tsv", "codes.tsv"):
        header, *lines = texts[table].splitlines()
        random.shuffle(lines)
        texts[table] = "\n".join([header, *lines]) + "\n"
    shuffled = Codeset(EditionFiles(files.manifest, "sha256:" + "1" * 64, texts))
    assert [str(change) for change in codesets.diff(a, shuffled)] == [
        str(change) for change in codesets.diff(a, b)
    ]
    assert not codesets.diff(b, shuffled)


def test_only_editions_can_be_compared():
    with pytest.raises(CptkitError, match=r"only editions can be compared: '2026.1'"):
        codesets.diff(NEWEST, "2026.1")


class TestCorrections:
    """Two revisions of one year: the same day, another record."""

    def only(self, other, base=NEWEST):
        changes = codesets.diff(base, other)
        back = codesets.diff(other, base)
        assert len(changes) == len(back)
        (change,) = changes
        assert change.corrected
        return changes, change

    def test_a_last_day_that_was_moved(self):
        row = row_of(NEWEST, "code-history.tsv", "99354\t2023-01-01")
        moved = changed(NEWEST, ("code-history.tsv", row, row.replace("2023-01-01", "2023-07-01")))
        changes, change = self.only(moved)
        assert changes.revised == (change,)
        assert "ended from 2023-01-01" in change.before
        assert "ended from 2023-07-01" in change.after

    def test_an_end_that_was_missing(self):
        row = row_of(NEWEST, "code-history.tsv", "90834")
        end = row.replace("2013-01-01\tin-force", "2026-01-01\tended")
        changes, change = self.only(changed(NEWEST, ("code-history.tsv", row, row + end)))
        assert changes.deleted == (change,)
        assert change.what == "last day 2025-12-31"

    def test_an_end_that_was_none(self):
        row = row_of(NEWEST, "code-history.tsv", "99354\t2023-01-01")
        changes, change = self.only(changed(NEWEST, ("code-history.tsv", row, "")))
        assert changes.added == (change,)
        assert change.what == "taken back: last day 2022-12-31"

    def test_other_successors(self):
        row = row_of(NEWEST, "code-history.tsv", "99354\t2023-01-01")
        other = changed(NEWEST, ("code-history.tsv", row, row.replace("\t99417\t", "\t99418\t")))
        changes, change = self.only(other)
        assert changes.revised == (change,)
        assert "see 99418" in change.after

    def test_a_code_that_only_one_of_them_covers_is_not_new(self):
        rows = [(table, row_of(NEWEST, table, "90834\t"), "") for table in ("codes.tsv", "code-history.tsv")]
        without = changed(NEWEST, *rows)
        changes = codesets.diff(without, NEWEST)
        (change,) = (found for found in changes if found.code == "90834")
        assert change in changes.revised
        assert change.what == "on record in edition 2026.1, not in 2026.99"
        (back,) = (found for found in codesets.diff(NEWEST, without) if found.code == "90834")
        assert (back.what, back.before) == (change.what, change.after)

    def test_a_code_that_starts_in_the_year_of_both_is_added(self):
        rows = [(table, row_of(NEWEST, table, "98979\t"), "") for table in ("codes.tsv", "code-history.tsv")]
        changes, change = self.only(NEWEST, base=changed(NEWEST, *rows))
        assert changes.added == (change,)

    def test_primaries(self):
        row = row_of(NEWEST, "addons.tsv", "90840")
        other = changed(NEWEST, ("addons.tsv", row, row.replace("\t90839\t", "\t90791\t")))
        _, change = self.only(other)
        assert change.what == "goes with 90791; goes no longer with 90839"
        assert set(change.codes) == {"90840", "90839", "90791"}

    def test_a_meaning(self):
        row = row_of(NEWEST, "revisions.tsv", "G0136")
        other = changed(NEWEST, ("revisions.tsv", row, row.replace("physical", "bodily")))
        _, change = self.only(other)
        assert change.before.startswith("physical")
        assert change.after.startswith("bodily")

    def test_an_exclusion(self):
        row = row_of(NEWEST, "exclusions.tsv", "90834-with-90832")
        _, change = self.only(changed(NEWEST, ("exclusions.tsv", row, row.replace("in-force", "ended"))))
        assert change.what == "no longer excluded: 90834 beside 90832"

    def test_an_exclusion_that_names_other_codes(self):
        row = row_of(NEWEST, "exclusions.tsv", "90834-with-90832")
        other = changed(NEWEST, ("exclusions.tsv", row, row.replace("\t90832\t", "\t90845\t")))
        _, change = self.only(other)
        assert change.what.endswith("excludes 90832 -> 90845")

    def test_a_convention(self):
        row = row_of(NEWEST, "conventions.tsv", "pfs-bilat/2")
        _, change = self.only(
            changed(NEWEST, ("conventions.tsv", row, row.replace("\tincluded\t", "\tonce\t")))
        )
        assert (change.kind, change.code, change.what) == (
            "convention",
            "pfs-bilat/2",
            "the convention changed",
        )
        assert change.before == "included: the code is for both sides already"
        assert change.after == "once: the code is for both sides already"
        assert change.citation.fact == "conventions/pfs-bilat/2@2014-01-01"
        _, change = self.only(changed(NEWEST, ("conventions.tsv", row, "")))
        assert (change.what, change.before[:9]) == ("taken back: a convention", "included:")

    def test_a_convention_that_says_the_same_again(self):
        row = row_of(NEWEST, "conventions.tsv", "pfs-bilat/2")
        again = row.replace("2014-01-01", "2020-01-01")
        assert not codesets.diff(NEWEST, changed(NEWEST, ("conventions.tsv", row, row + again)))

    def test_a_label_and_evidence(self):
        row = row_of(NEWEST, "codes.tsv", "90834")
        _, change = self.only(changed(NEWEST, ("codes.tsv", row, row.replace("standard session", "middle"))))
        assert (change.before, change.after) == (
            "individual therapy, standard session",
            "individual therapy, middle",
        )
        row = row_of(NEWEST, "code-history.tsv", "90834")
        _, change = self.only(changed(NEWEST, ("code-history.tsv", row, row.replace("verified", "disputed"))))
        assert change.what == "the same, on other evidence"

    def test_the_day_of_the_last_check_is_no_change(self):
        row = row_of(NEWEST, "code-history.tsv", "90834")
        other = changed(NEWEST, ("code-history.tsv", row, row.replace("2026-11-21", "2026-11-22")))
        assert not codesets.diff(NEWEST, other)

    def test_a_modifier_set_and_a_denial_gone(self):
        row = row_of(NEWEST, "modifier-sets.tsv", "distinct")
        _, change = self.only(changed(NEWEST, ("modifier-sets.tsv", row, "")))
        assert (change.kind, change.what) == ("modifier-set", "no longer on record")
        row = row_of(NEWEST, "denials.tsv", "age-mismatch")
        _, change = self.only(changed(NEWEST, ("denials.tsv", row, row.replace("\t6\t", "\t7\t"))))
        assert (change.kind, change.before, change.after) == ("denial", "6", "7")

    def test_a_life_that_was_moved_over_the_end_of_the_year(self):
        row = row_of(NEWEST, "code-history.tsv", "99354\t2023-01-01")
        start = row_of(NEWEST, "code-history.tsv", "99354")
        other = changed(NEWEST, ("code-history.tsv", start + row, start.replace("\tyes\t", "\tno\t")))
        changes, change = self.only(other)
        assert changes.added == (change,)
        assert change.what == "its life was corrected"

    def test_a_row_that_says_the_same_again(self):
        row = row_of(NEWEST, "code-history.tsv", "90834")
        again = row.replace("2013-01-01", "2015-01-01")
        changes, change = self.only(changed(NEWEST, ("code-history.tsv", row, row + again)))
        assert changes.revised == (change,)
        assert change.what == "another row in its life"

    def test_primaries_from_a_day_on_which_one_edition_has_no_row(self):
        row = row_of(NEWEST, "addons.tsv", "90840")
        later = row.replace("\t2013-01-01\t", "\t2025-01-01\t").replace("\t90839\t", "\t90839 90791\t")
        assert later.count("2025-01-01") == 1
        other = changed(NEWEST, ("addons.tsv", row, row + later))
        _, change = self.only(other)
        assert change.what == "goes with 90791"
        _, back = self.only(NEWEST, base=other)
        assert back.what == "taken back: goes with 90791"

    def test_primaries_on_other_evidence(self):
        row = row_of(NEWEST, "addons.tsv", "90840")
        confidence = next(said["confidence"] for said in NEWEST.rows("addons") if said["code"] == "90840")
        _, change = self.only(changed(NEWEST, ("addons.tsv", row, row.replace(confidence, "disputed"))))
        assert change.what == "the same, on other evidence"
        assert (change.before.split(":")[0], change.after.split(":")[0]) == (confidence, "disputed")

    def timed(self, **numbers):
        rules = json.loads(files_of(NEWEST).texts["timerules.json"])
        (family,) = (found for found in rules["families"] if found["id"] == "office-new")
        for row in family["rules"]:
            if row["from"] == "2024-01-01":
                row["floors"] |= numbers
        texts = dict(files_of(NEWEST).texts) | {"timerules.json": json.dumps(rules)}
        manifest = dict(files_of(NEWEST).manifest) | {"edition": "2026.99"}
        return Codeset(EditionFiles(manifest, "sha256:" + "2" * 64, texts))

    def test_a_time_rule_with_both_bases_in_one_change(self):
        _, change = self.only(self.timed(**{"99205": 61}))
        assert (change.kind, change.basis) == ("time", ("cpt", "medicare"))
        assert (change.before, change.after) == ("99205 from 60", "99205 from 61")

    def test_the_sheet_tells_the_minutes(self):
        sheet = change_sheet(NEWEST, self.timed(**{"99205": 61}))
        ((heading, (entry,)),) = sheet.groups
        assert heading == "Corrected"
        assert "cpt: 99204 45 to 59 minutes, now 45 to 60 minutes" in entry.lines
        assert "medicare: 99205 from 60 minutes, now from 61 minutes" in entry.lines


def test_values():
    changes = codesets.diff(EDITIONS[-2], NEWEST)
    assert len(changes) == len(changes.added) + len(changes.deleted) + len(changes.revised)
    assert str(changes).startswith("2025.1 -> 2026.1: ")
    plain = changes.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["b"]["digest"] == NEWEST.digest
    assert changes.concerning("98979").added == changes.concerning(["98979"]).added
    assert len(changes.concerning(())) == 0


def test_the_sheet_of_2026_is_the_one_on_record():
    """A changed fact shows here which codes and days it changes; write the new sheet when it is right."""
    sheet = change_sheet(codesets.codeset("2025.1"), codesets.codeset("2026.1")).to_markdown()
    lines = [line for line in sheet.splitlines() if not line.startswith("edition ")]
    path = SNAPSHOTS / "changes-2025-2026.md"
    assert "\n".join(lines).rstrip() + "\n" == path.read_text(encoding="utf-8")
