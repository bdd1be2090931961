"""The HTML page of a report: whole, plain, and proof against whatever a claim brings in."""

import datetime as dt
import re
from collections import Counter
from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, Line, check, check_claims
from cptkit.codesets import Pin
from cptkit.edits import Mue, Quarter, Setting
from cptkit.errors import InvalidChoice
from cptkit.reports import compare, report_html
from cptkit.rules.waivers import IdleWaiver, Waived, Waiver, WaiverState
from cptkit.testing import strategies

DAY = dt.date(2026, 3, 2)
CATALOG = Catalog.bundled()
VOID = {"meta", "br"}
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "ol",
        "li",
    ),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "span", "strong", "a", "code"),
}
HOSTILE = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "</td></table><h1>",
    "&lt;b&gt;",
    "\u202egnp.exe",
    "\x00\x1b[2J\r\n",
    "\ud800",
    "<!--",
    "javascript:alert(1)",
    "]]>",
]


class Page(HTMLParser):
    """The page taken apart: well nested, with its tags, its attributes and the texts of its cells."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.texts, self.headings = [], Counter(), [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], "not every tag is closed"

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data):
        if self.open and data.strip():
            self.texts.append(data)
            if self.open[-1] in {"h1", "h2", "h3"}:
                self.headings.append((self.open[-1], data))

    @property
    def text(self):
        return " ".join(self.texts)


def assert_plain(text):
    """Nothing runs, nothing is loaded, and a reader who cannot see finds the way."""
    page = Page(text)
    assert set(page.tags) <= TAGS
    names = {name for _, name, _ in page.attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "id", "href"}
    assert all(value.startswith("#note-") for _, name, value in page.attributes if name == "href")
    assert ("html", "lang", "en") in page.attributes
    assert "url(" not in text
    assert "@import" not in text
    assert page.tags["h1"] == page.tags["main"] == 1
    assert page.tags["table"] == page.tags["caption"] == page.tags["thead"]
    scopes = Counter(value for tag, name, value in page.attributes if (tag, name) == ("th", "scope"))
    assert page.tags["th"] == scopes["col"] + scopes["row"]
    assert scopes["row"] == page.tags["tr"] - page.tags["table"]  # every row but those of the heads
    marks = {value for _, name, value in page.attributes if name == "href"}
    assert marks == {f"#{value}" for _, name, value in page.attributes if name == "id"}
    text.encode()
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    return page


def line(code="90837", minutes=50, **fields):
    return Line(code, minutes=minutes, **{"date_of_service": DAY, **fields})


@pytest.fixture(scope="module")
def report(rich_claim):
    second = Claim([line()], id="C-2")
    return check_claims([rich_claim, second], CATALOG)


def test_everything_of_the_report_is_on_it(report):
    page = assert_plain(report_html(report, title="March"))
    assert page.headings[0] == ("h1", "March")
    told = [name for level, name in page.headings if level == "h2"]
    assert told == [
        *(
            "Summary",
            "Findings",
            "Bypassed",
            "Not checked",
            "Not run",
            "Notes on the sources",
            "Answered from",
        ),
    ]
    for finding in (*report.findings, *report.bypassed):
        assert finding.message in page.text
        assert all(fix.text in page.text for fix in finding.fixes)
        assert finding.rule in page.text
    for entry in report.not_checked:
        assert entry.reason in page.text
    for pin in report.pins:
        assert pin.digest in page.text
    assert "What was not checked is no pass." in page.text
    assert re.search(r"denial: likely CO-\d+", page.text)
    assert "provided that" in page.text


def test_by_claim_and_by_rule(report):
    names = {
        by: [name for level, name in Page(report_html(report, by=by)).headings if level == "h3"]
        for by in ("claim", "rule")
    }
    assert set(names["claim"]) == {"Claim C-1", "Claim C-2"}
    assert len(names["rule"]) == len({finding.rule for finding in report.findings}) + len(
        {finding.rule for finding in report.bypassed}
    )
    found = [f"{finding.rule} {finding.name}" for finding in report.findings]
    assert names["rule"][: len(set(found))] == sorted(set(found))
    assert_plain(report_html(report, by="rule"))
    assert report_html(report) == report_html(report, by="claim")


def test_claims_are_in_the_order_of_their_numbers():
    claims = [Claim([line(), line("27447", None)], id=f"C-{number}") for number in (10, 2, 1)]
    report = check_claims(claims, CATALOG, select=["TIM", "COD"])
    headings = [name for level, name in Page(report_html(report)).headings if level == "h3"]
    assert headings == ["Claim C-1", "Claim C-2", "Claim C-10"]
    text = report_html(report, by="rule")
    assert re.findall(r'<th scope="row" class="c">(.*?)</th>', text) == ["C-1", "C-2", "C-10"]
    assert '<td class="t">C-1 line 2; C-2 line 2; C-10 line 2</td>' in text


def test_a_claim_without_an_id_has_a_heading():
    report = check(Claim([line()]), CATALOG, select=["TIM"])
    assert ("h3", "Claim without id") in Page(report_html(report)).headings


def test_days_numbers_and_words_stay_whole(report):
    text = report_html(report, comparison=compare(report, report))
    rows = [cells for cells in re.findall(r"<tr>(.*?)</tr>", text) if "<strong>" in cells or "<td" in cells]
    dated = [cell for cells in rows for cell in re.findall(r"<td[^>]*>\d{4}-\d\d-\d\d</td>", cells)]
    assert set(dated) == {'<td class="s">2026-03-02</td>'}
    assert set(re.findall(r"<td[^>]*>\d+</td>", text)) & {"<td>1</td>", "<td>2</td>"} == set()
    assert re.search(
        r'<th scope="col" class="n f">Findings</th><th scope="col" class="n g">Claims</th>', text
    )
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert style.count("{") == style.count("}")
    assert "td.s{white-space:nowrap}" in style
    assert ".n{text-align:right}" in style


def test_a_narrow_screen_says_the_names_of_columns_without_heads(report):
    text = report_html(report, by="rule")
    wide = re.findall(r'<table class="w">\n<caption>.*?</caption>\n<thead><tr>(.*?)</tr>', text)
    narrow = re.findall(r"<table>\n<caption>.*?</caption>\n<thead><tr>(.*?)</tr>", text)
    assert min(head.count("<th") for head in wide) == 4
    assert max(head.count("<th") for head in narrow) == 3
    for mark, name in (("c", "Claim"), ("l", "Lines"), ("f", "Findings"), ("g", "Claims")):
        assert f".w .{mark}::before{{content:'{name} '}}" in text
        assert any(re.search(rf'class="(n )?{mark}">{name}<', head) for head in wide)


def test_what_findings_are_grouped_by():
    with pytest.raises(
        InvalidChoice, match=r"^findings are not grouped by this: 'patient'; expected claim or rule$"
    ):
        report_html(check(Claim([]), CATALOG), by="patient")


def test_a_clean_report_says_so():
    clean = check(Claim([line("90834", 45)], id="C-1"), CATALOG, select=["TIM"])
    assert "Nothing wrong was found. Judged" in assert_plain(report_html(clean)).text
    unchecked = check(Claim([line("27447", None)]), CATALOG, select=["COD"])
    page = assert_plain(report_html(unchecked))
    assert "Nothing wrong was found in what could be checked." in page.text
    assert "claim without id line 1" in page.text
    page = assert_plain(report_html(clean, rejected=[(3, "a day that is <none>")]))
    assert "Nothing wrong was found in what could be checked." in page.text
    assert "a day that is <none>" in page.text
    empty = assert_plain(report_html(check(Claim([]), CATALOG), title=""))
    assert "No line was checked." in empty.text


def test_beside_a_baseline(report):
    first, *others = report.findings
    old = attrs.evolve(
        report,
        findings=(*others, attrs.evolve(first, claim="C-9", message="it was <so>")),
        basis=Basis.MEDICARE,
    )
    found = compare(old, report)
    page = assert_plain(report_html(report, comparison=found))
    states = Counter(text for text in page.texts if text in {"new", "unchanged"})
    assert states == {"new": 1, "unchanged": len(others)}
    assert "it was <so>" in page.text
    assert "the basis is cpt now, before medicare" in page.text
    assert "Not judged again" in page.text
    assert "Since the baseline" in page.text
    same = assert_plain(report_html(report, comparison=compare(report, report)))
    assert "The two checks differ" not in same.text
    assert "Since the baseline" not in assert_plain(report_html(report)).text


def test_waivers_and_profile(report):
    waiver = Waiver("TIM402", "agreed with <them>", claim="C-2", expires=DAY)
    first, *others = report.findings
    told = attrs.evolve(
        report,
        findings=tuple(others),
        waived=(Waived(first, waiver),),
        idle_waivers=(IdleWaiver(waiver, WaiverState.EXPIRED, "it ended <then>"),),
        waivers_as_of=DAY,
        profile=Pin("plan-<x>", "sha256:0"),
    )
    page = assert_plain(report_html(told, comparison=compare(report, told)))
    for words in (
        "agreed with <them>",
        "it ended <then>",
        "As of 2026-03-02.",
        "profile plan-<x>",
        "sha256:0",
    ):
        assert words in page.text
    assert page.text.count("Waived since") == 2
    assert first.message in page.text


def test_published_rows_are_named(report):
    row = Mue("90834", 2, 3, "own words", Setting.PRACTITIONER, Quarter(2026, 1), "<mue>.csv")
    first, *others = report.findings
    told = attrs.evolve(
        report, findings=(attrs.evolve(first, edits=(row,), evidence=(), denial=None), *others)
    )
    assert f"{row}, <mue>.csv" in assert_plain(report_html(told)).text


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_text(text):
    claim = Claim(
        [
            line(id=text),
            line(text, modifiers=(text,), id=f"{text}2", rendering_provider=text),
            line("27447", id=f"{text}3"),
        ],
        id=text,
        patient=text,
    )
    report = check(claim, CATALOG)
    shown = report_html(report, title=text, rejected=[(1, text)], comparison=compare(report, report))
    page = assert_plain(shown)
    harmless = assert_plain(report_html(check(Claim([line()]), CATALOG)))
    assert set(page.tags) - set(harmless.tags) <= {"ul", "ol", "li", "a", "strong", "code"}
    assert text not in shown or not set(text) & set("<>&\"'")
    if text.isprintable():
        assert text in page.text


@given(claim=strategies.claims(malformed=True), by=st.sampled_from(["claim", "rule"]))
def test_any_claim_gives_a_plain_page(claim, by):
    report = check(claim, CATALOG)
    text = report_html(report, by=by)
    assert_plain(text)
    assert text == report_html(check(claim, CATALOG), by=by)
