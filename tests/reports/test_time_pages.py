"""Every number on a page about time is what the code computes, and every doubt is there in words."""

import datetime as dt
import hashlib
import re
import subprocess
import sys
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

import cptkit
from cptkit import Basis, timerule
from cptkit.codesets import Codeset
from cptkit.codesets.build.own import build_edition, write_edition
from cptkit.reports import time_pages

EDITIONS = ("2021.1", "2024.1", "2026.1")
NEWEST = "2026.1"
DOUBT = {
    "derived": "derived: worked out from a general rule or another basis",
    "single-source": "single-source: one weak or partial source",
    "disputed": "disputed: the sources differ",
}


def raw_families(edition):
    codeset = cptkit.codeset(edition)
    for family in codeset.timerules["families"]:
        held = [
            row
            for row in family["rules"]
            if row["status"] != "ended" and row["from"] <= str(codeset.last_day)
        ]
        if held:
            yield family, held


def evidence(row):
    return (row, *row.get("chain", ()))


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_family_has_a_page_and_stands_in_the_index(edition, pages):
    files = pages(edition)
    ids = {family["id"] for family, _ in raw_families(edition)}
    assert {name.removesuffix(".md") for name in files if name.endswith(".md")} == ids | {"index"}
    for family, _ in raw_families(edition):
        assert f"]({family['id']}.md)" in files["index.md"]
        assert f"`{family['id']}`" in files[f"{family['id']}.md"]
        assert family["whose_time"] in files[f"{family['id']}.md"].replace("\\", "")


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_dated_row_has_a_section_for_each_basis_it_answers(edition, sections):
    found = {
        (each.family, basis, first, last)
        for each in sections(edition)
        for basis, first, last, _ in each.asked
    }
    codeset = cptkit.codeset(edition)
    expected = set()
    for family, held in raw_families(edition):
        for basis in Basis:
            for day in (dt.date.fromisoformat(row["from"]) for row in held):
                rule = timerule.timed_family(family["id"], day, codeset, basis)
                if rule is not None:
                    expected.add((family["id"], basis, rule.days.first, rule.days.last))
    assert found == expected


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_band_on_a_page_is_what_select_answers(edition, sections, given):
    """At the first and the last minute of each printed band, and one outside; on the first and last day."""
    codeset, asked = cptkit.codeset(edition), 0
    for section in sections(edition):
        for basis, first_day, last_day, _ in section.asked:
            for day in {first_day, min(last_day or codeset.last_day, codeset.last_day)}:
                for shown in section.shown:
                    for code in shown.codes or (None,):
                        for amount, cell in around(shown):
                            answers = given(code or shown.family, amount, shown.counts, day, codeset, basis)
                            assert answers == shown.answers(cell, code), (section.family, basis, day, amount)
                            asked += 1
    assert asked > 2000


def around(shown):
    """Amounts at and beside the edges of each band, with the answer that the table gives them."""
    for number, (first, last, cell) in enumerate(shown.bands):
        yield first, cell
        if number:
            yield first - 1, shown.bands[number - 1][2]
        if last is not None:
            yield last, cell
            if number + 1 < len(shown.bands):
                yield last + 1, shown.bands[number + 1][2]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_bands_of_a_page_leave_no_minute_out(edition, sections):
    for section in sections(edition):
        for shown in section.shown:
            assert shown.bands
            assert shown.bands[0][0] == 0
            for (_, last, _), (first, _, _) in zip(shown.bands, shown.bands[1:], strict=False):
                assert last is not None
                assert last + 1 == first
            assert (shown.bands[-1][1] is None) is not bool(shown.further)


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_goes_on_and_on_does_so(edition, sections, given):
    codeset, ladders = cptkit.codeset(edition), 0
    for section in sections(edition):
        for shown in section.shown:
            if not shown.further:
                continue
            hit = re.search(
                r"one more (?:of )?(the code|\w{5}) for each further (\d+) (minutes|days)", shown.further
            )
            assert hit, shown.further
            assert hit[3] == shown.counts
            limit = re.search(r"and no more than (.+), from (\d+) (?:minutes|days) on\.$", shown.further)
            ladders += 1
            for basis, day, _, _ in section.asked:
                code = shown.codes[0] if shown.codes else None
                target = code or shown.family
                if limit:
                    most = shown.answers(tuple(limit[1].split(" or ")), code)
                    assert given(target, int(limit[2]), shown.counts, day, codeset, basis) == most
                    assert given(target, int(limit[2]) - 1, shown.counts, day, codeset, basis) != most
                    continue
                raised = code if hit[1] == "the code" else hit[1]
                for first, _, cell in shown.bands[-2:]:
                    for more in (1, 2, 7):
                        answers = given(target, first + more * int(hit[2]), shown.counts, day, codeset, basis)
                        assert answers == shown.answers(cell, code, (raised, more)), (section.family, more)
    assert ladders > 40


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_goes_on_top_starts_at_the_minute_told(edition, sections, cells, given):
    codeset, asked = cptkit.codeset(edition), 0
    for section in sections(edition):
        for top, base, minute, days, _ in cells(
            section.lines, "| on top | of | from, in all | other days that count | confidence |"
        ):
            for basis, day, _, _ in section.asked:
                rule = timerule.family(section.family, date_of_service=day, codeset=codeset, basis=basis)
                before, there = (
                    given(section.family, each, "minutes", day, codeset, basis)
                    for each in (int(minute) - 1, int(minute))
                )
                assert any({top, base} <= {code for code, _ in one} for one in there)
                assert not any({top, base} <= {code for code, _ in one} for one in before)
                around_it = {
                    fact.counted_days for fact in rule.chain if (fact.code, fact.after) == (top, base)
                }
                assert (days == "-") is (around_it == {None})
                asked += 1
    assert asked


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_examples_are_computed(edition, sections):
    codeset = cptkit.codeset(edition)
    for section in sections(edition):
        told = "\n".join(section.lines)
        hit = re.search(
            r"^(\d+) (minute|day)s? of `(.+)` on (\S+) under (\w+):\n\n```text\n(.+?)\n```",
            told,
            re.MULTILINE | re.DOTALL,
        )
        assert hit, section.family
        amount = {f"{hit[2]}s": int(hit[1])}
        found = timerule.select(
            hit[3],
            date_of_service=dt.date.fromisoformat(hit[4]),
            codeset=codeset,
            basis=Basis(hit[5]),
            **amount,
        )
        first, *rest = hit[6].split("\n")
        assert first == str(found)
        assert rest[-1].strip() == f"confidence {found.confidence}"
        near = [str(each) for each in (found.longer, found.shorter) if each is not None]
        assert [line.strip() for line in rest if line.strip() in near] == near


def test_anaesthesia_units_are_computed(sections, cells):
    codeset, found = cptkit.codeset(NEWEST), 0
    for section in sections(NEWEST):
        for minutes, units in cells(section.lines, "| minutes | time units |"):
            basis, day, *_ = section.asked[0]
            for code in section.codes:
                answer = timerule.select(
                    code, minutes=int(minutes), date_of_service=day, codeset=codeset, basis=basis
                )
                assert answer.time_units == Decimal(units)
                found += 1
    assert found > 20


def test_minutes_that_choose_nothing_have_no_table(pages):
    assert "| minutes |" not in pages(NEWEST)["emergency.md"]
    assert "Minutes do not choose among these codes." in pages(NEWEST)["emergency.md"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_sources_notes_and_doubts_of_every_row_are_on_its_page(edition, pages, unmarked):
    codeset = cptkit.codeset(edition)
    for family, held in raw_families(edition):
        text = unmarked(pages(edition)[f"{family['id']}.md"])
        for fact in (each for row in held for each in evidence(row)):
            for key in fact["sources"]:
                source = codeset.source(key)
                assert f"- **{key}**: grade {source.grade}." in text
                assert all(word in text for word in source.where.replace(";", " ").split())
            assert fact.get("note", "") in text
            assert DOUBT.get(fact["confidence"], "verified") in text
            assert fact["checked"] in text
        if any(row.get("attainment") == "unsettled" for row in held):
            assert "**Not settled:** no source says from which minute the time counts" in text


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_section_never_sounds_surer_than_its_answers(edition, sections):
    codeset = cptkit.codeset(edition)
    order = ["verified", "derived", "single-source", "disputed"]
    for section in sections(edition):
        for basis, day, _, word in section.asked:
            rule = timerule.family(section.family, date_of_service=day, codeset=codeset, basis=basis)
            known = [rule.citation.confidence, *(fact.citation.confidence for fact in rule.chain)]
            weakest = max(order.index(each) for each in known)
            weakest = max(weakest, 1) if rule.basis is not basis else weakest
            assert word == (order[weakest] if weakest == 0 else f"**{order[weakest]}**")


def test_the_index_finds_the_families_of_every_code(pages, cells):
    index = pages(NEWEST)["index.md"].splitlines()
    found = {row[0]: row[2] for row in cells(index, "| code | in our words | family |")}
    for family, held in raw_families(NEWEST):
        codes = {*family["codes"], *(chain["code"] for row in held for chain in row.get("chain", ()))}
        for code in codes:
            assert f"({family['id']}.md)" in found[code]
    assert "on top in [office-new](office-new.md)" in found["99417"]
    assert found["00100 to 01999"] == "[anaesthesia](anaesthesia.md)"


def test_the_index_has_policies_and_principles_with_their_sources(pages, unmarked):
    codeset = cptkit.codeset(NEWEST)
    text = unmarked(pages(NEWEST)["index.md"])
    told = (*codeset.timerules["policies"], *codeset.timerules["principles"])
    assert len(told) >= 8
    for each in told:
        assert each["rule"] in text
        assert each.get("note", "") in text
        assert DOUBT.get(each["confidence"], "verified") in text
        for key in each["sources"]:
            assert f"- **{key}**: grade {codeset.source(key).grade}." in text


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_picture_is_shown_and_can_be_read(edition, pages):
    files = pages(edition)
    shown = [
        name
        for text in files.values()
        if not text.startswith("<svg")
        for name in re.findall(r"\]\(([^)]+\.svg)\)", text)
    ]
    assert sorted(shown) == sorted(name for name in files if name.endswith(".svg"))
    for name in shown:
        assert ET.fromstring(files[name]).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own text


def test_the_links_of_a_page_lead_somewhere(pages):
    files = pages(NEWEST)
    for name, text in files.items():
        if name.endswith(".md"):
            for target in re.findall(r"\]\(([\w./-]+\.md)\)", text):
                assert target in files or target.startswith("../../explanation/"), (name, target)


def test_a_family_that_ended_says_so(pages):
    text = pages(NEWEST)["telephone-clinician.md"]
    assert "- **Under cpt:** ended; the last day was 2024-12-31" in text
    assert "- **Under cpt:** no rule is known" in pages(NEWEST)["anaesthesia.md"]


def test_the_pages_are_the_same_in_every_process(pages):
    here = hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in pages(NEWEST).items()).encode())
    script = (
        "import cptkit, hashlib; from cptkit.reports import time_pages; p = time_pages(cptkit.codeset('2026.1'));"
        "print(hashlib.sha256('\\0'.join(f'{n}\\0{t}' for n, t in p.items()).encode()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == here.hexdigest()


EVIDENCE = "OWN\tverified\t2026-11-01"
ROW = '"from": "2024-01-01", "basis": ["cpt"], "sources": ["OWN"], "checked": "2026-11-01"'
FAMILY = '"scope": "day", "whose_time": "<b>ours</b>", "optional": true'
TABLES = {
    "codes.tsv": "code\tdescriptor\tlabel\tsources\tconfidence\tchecked\n"
    f"W9901\tLicensed text, long\town words\t{EVIDENCE}\nW9902\tLicensed too\t\t{EVIDENCE}\n",
    "code-history.tsv": "code\tfrom\tsources\tconfidence\tchecked\n"
    f"W9901\t2024-01-01\t{EVIDENCE}\nW9902\t2024-01-01\t{EVIDENCE}\n",
    "sources.tsv": "key\tgrade\twhere\nOWN\tB\thttps://example.org/a_b?c=<d> (page [3] | 4)\n",
    "timerules.json": f"""{{"policies": [], "principles": [], "families": [
  {{"id": "own", "title": "- [a](b) | *c*", "codes": ["W9901"], {FAMILY}, "rules": [{{{ROW},
    "kind": "threshold", "code": "W9901", "from_minutes": 20, "confidence": "disputed",
    "note": "![x](y.svg) `z` {{role}}"}}]}},
  {{"id": "limited", "title": "up to six", "codes": ["W9902"], {FAMILY}, "rules": [{{{ROW},
    "kind": "per-unit", "unit_minutes": 15, "attainment": "midpoint", "max_units": {{"W9902": 6}},
    "confidence": "verified"}}]}}]}}""",
}


@pytest.fixture
def own(tmp_path):
    """An edition with texts that Markdown could misread, licensed ones, and a ladder that ends."""
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    edition = build_edition(tmp_path, "2026.1+own", keep_descriptors=True)
    return Codeset.from_folder(write_edition(edition, tmp_path / "built"))


def test_texts_of_an_edition_break_no_page_and_licensed_text_stays_out(own, unmarked):
    files = time_pages(own)
    pictures = {"own-2024-01-01-cpt.svg", "limited-2024-01-01-cpt.svg"}
    assert set(files) == {"index.md", "limited.md", "own.md"} | pictures
    page = files["own.md"]
    assert "Licensed" not in "".join(files.values())
    assert page.startswith("# \\- \\[a\\](b) \\| \\*c\\*\n")
    assert "- **Whose time:** \\<b\\>ours\\</b\\>\n" in page
    assert "- \\!\\[x\\](y.svg) \\`z\\` \\{role\\}\n" in page
    assert "](<https://example.org/a_b?c=%3Cd%3E>) (page \\[3\\] \\| 4)" in page
    assert "| 20 or more | W9901 |" in page
    assert "disputed: the sources differ" in unmarked(page)


def test_a_ladder_that_ends_says_where(own, given):
    told = "And so on: one more W9902 for each further 15 minutes, and no more than W9902 x 6, from 83 minutes on."
    assert told in time_pages(own)["limited.md"].splitlines()
    day = dt.date(2026, 3, 2)
    for minutes, units in ((82, 5), (83, 6), (98, 6), (1440, 6)):
        assert given("W9902", minutes, "minutes", day, own, Basis.CPT) == ((("W9902", units),),)
