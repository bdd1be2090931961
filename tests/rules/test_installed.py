"""Rules of other packages: found by their entry point, selected by namespace, named where they are broken."""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import cptkit
from cptkit.errors import BrokenRules, UnknownRule
from cptkit.rules import RULES, RuleStatus, check, installed, registry, rule, selected
from cptkit.rules.installed import load, offers
from cptkit.rules.registry import listed, named
from cptkit.rules.table import TABLE, RuleRow
from cptkit.rules.wellformed import namespace_problem

EVERY = [row.id for row in RULES]
ALL = [row.id for row in RULES if row.status is RuleStatus.STABLE]
PREVIEW = [row.id for row in RULES if row.status is RuleStatus.PREVIEW]

TABLE_OF_ACME = """
    from cptkit.rules import RuleRow, RuleTable

    RULES = RuleTable(
        (
            RuleRow("acme:ABC101", "any-line", "{package}.any_line", since="1.2"),
            RuleRow("acme:ABC102", "second-line", "{package}.second_line", status="preview"),
            RuleRow("acme:XYZ101", "of-tables", "{package}.of_tables", ("mue",)),
        ),
        {{"acme:ABC100": "acme:ABC101", "acme:old-name": "acme:ABC101"}},
    )
"""

MODULE = '''
    """A line is there.

    **Fails**: any line.
    """

    from cptkit.rules.findings import NotChecked

    RULE = ("{id}", "{name}")


    def check(encounter, context):
        """One entry for each line."""
        for line in encounter.lines:
            yield NotChecked(*RULE, encounter.claim, (line.id,), encounter.date_of_service, "a line is there")
            {more}
'''


@pytest.fixture
def install(tmp_path, monkeypatch, forget_rules):
    """Puts a distribution on the path, with modules and entry points of rules; undone at the end."""

    def forget():
        installed.offers.cache_clear()
        forget_rules()

    def install(distribution, entries, modules):
        home = tmp_path / distribution
        about = home / f"{distribution}-1.0.dist-info"
        about.mkdir(parents=True)
        about.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        lines = [f"{name} = {value}" for name, value in entries.items()]
        about.joinpath("entry_points.txt").write_text("\n".join(["[cptkit.rules]", *lines]))
        for name, text in modules.items():
            path = home / f"{name.replace('.', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(dedent(text))
        monkeypatch.syspath_prepend(str(home))
        forget()
        return home

    known = set(sys.modules)
    forget()
    yield install
    for name in set(sys.modules) - known:
        del sys.modules[name]
    forget()


@pytest.fixture
def acme(install):
    def module(id_, name, more="pass"):
        return MODULE.format(id=id_, name=name, more=more)

    return install(
        "acme-rules",
        {"acme": "acme_rules:RULES"},
        {
            "acme_rules.__init__": TABLE_OF_ACME.format(package="acme_rules"),
            "acme_rules.any_line": module("acme:ABC101", "any-line"),
            "acme_rules.second_line": module("acme:ABC102", "second-line", "raise ZeroDivisionError('no luck')"),
            "acme_rules.of_tables": module("acme:XYZ101", "of-tables"),
        },
    )  # fmt: skip


def ids(*select, ignore=()):
    return [found.row.id for found in selected(select, tuple(ignore))]


# ---- selection -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        (["ALL"], [], [*ALL, "acme:ABC101", "acme:XYZ101"]),
        (["ALL", "PREVIEW"], EVERY, ["acme:ABC101", "acme:ABC102", "acme:XYZ101"]),
        (["ALL"], ["acme"], ALL),
        (["ALL"], ["acme:ABC"], [*ALL, "acme:XYZ101"]),
        (["acme"], [], ["acme:ABC101", "acme:ABC102", "acme:XYZ101"]),
        (["ACME:"], ["acme:abc102"], ["acme:ABC101", "acme:XYZ101"]),
        (["acme:ABC"], ["acme"], ["acme:ABC101", "acme:ABC102"]),
        (["acme:any-line", "COD101"], [], ["COD101", "acme:ABC101"]),
        (["COD101"], ["acme"], ["COD101"]),
        (["COD"], ["acme:any-line"], [id_ for id_ in ALL if id_.startswith("COD")]),
    ],
)
@pytest.mark.usefixtures("acme")
def test_selection(select, ignore, left):
    assert ids(*select, ignore=ignore) == left


@pytest.mark.parametrize("selector", ["acm", "any-line", "ABC", "ABC101", "acme:ABC103", ":ABC", "acme:any"])
@pytest.mark.usefixtures("acme")
def test_what_selects_no_rule_of_a_package(selector):
    with pytest.raises(UnknownRule):
        ids(selector)
    with pytest.raises(UnknownRule):
        ids("ALL", ignore=[selector])
    with pytest.raises(UnknownRule):
        rule(selector)


@pytest.mark.usefixtures("acme")
def test_a_near_id_of_a_package_is_named():
    with pytest.raises(UnknownRule) as caught:
        ids("acme:ABD101")
    assert "acme:ABC101" in caught.value.near


@pytest.mark.usefixtures("acme")
def test_look_up_and_redirects():
    found = rule("acme:abc101")
    assert (found.row.package, found.row.since, found.doc.partition("\n")[0]) == (
        "acme-rules",
        "1.2",
        "A line is there.",
    )
    assert rule("acme:any-line") is found
    with pytest.warns(DeprecationWarning, match="rule acme:ABC100 is acme:ABC101 now"):
        assert rule("acme:ABC100") is found
    with pytest.warns(DeprecationWarning, match="rule acme:old-name is acme:ABC101 now"):
        assert ids("acme:old-name") == ["acme:ABC101"]
    with pytest.raises(UnknownRule):
        rule("acme:ABC103")


@pytest.mark.usefixtures("acme")
def test_rows_are_listed_with_those_of_packages():
    rows, broken = listed()
    assert [row.id for row in rows] == [*EVERY, "acme:ABC101", "acme:ABC102", "acme:XYZ101"]
    assert broken == ()
    assert [row.package for row in rows[-3:]] == 3 * ["acme-rules"]
    assert [row.id for row in listed(("acme:ABC",))[0]] == ["acme:ABC101", "acme:ABC102"]
    assert named(("acme",), rows[-1])
    assert not named(("ALL",), rows[-1])


# ---- judging -------------------------------------------------------------------------------


@pytest.fixture
def claim():
    day = dt.date(2026, 3, 2)
    lines = [cptkit.Line(code, minutes=45, date_of_service=day) for code in ("90834", "90785")]
    return cptkit.Claim(lines, id="C-1")


@pytest.mark.usefixtures("acme")
def test_a_report_names_the_rules_of_packages_that_ran_and_that_were_left_out(claim, catalog):
    report = check(claim, catalog)
    assert report.rules[-1] == "acme:ABC101"
    assert report.left_out[-1] == "acme:XYZ101"
    assert [(entry.rule, entry.lines) for entry in report.not_checked] == [
        ("acme:ABC101", ("1",)),
        ("acme:ABC101", ("2",)),
    ]
    assert check(claim, catalog, ignore=["acme"]).clean


@pytest.mark.usefixtures("acme")
def test_what_a_rule_raises_is_not_checked_and_hides_nothing(claim, catalog):
    report = check(claim, catalog, select=["COD", "acme:ABC102"])
    told = [(entry.lines, entry.reason) for entry in report.not_checked]
    assert told == [
        (("1",), "a line is there"),
        (("1", "2"), "the rule failed (ZeroDivisionError: no luck; second_line.py, line 16)"),
    ]
    assert not report.clean


@pytest.mark.parametrize("given", ["'a text'", "None", "NotChecked('COD101', '', '', (), None, '')"])
def test_what_is_no_entry_of_the_rule_is_not_checked(install, claim, catalog, given):
    more = f"yield {given}"
    install(
        "acme-rules",
        {"acme": "acme_rules:RULES"},
        {
            "acme_rules.__init__": TABLE_OF_ACME.format(package="acme_rules"),
            "acme_rules.any_line": MODULE.format(id="acme:ABC101", name="any-line", more=more),
        },
    )
    report = check(claim, catalog, select=["acme:ABC101"])
    assert report.not_checked[-1].lines == ("1", "2")
    assert report.not_checked[-1].reason.startswith("the rule failed (TypeError: it gave ")


# ---- what is broken ------------------------------------------------------------------------

ROW = 'RuleRow("acme:ABC101", "any-line", "acme_rules.any_line"{more})'
TEXT = "from cptkit.rules import RuleRow, RuleTable\nRULES = RuleTable(({row},))"


@pytest.mark.parametrize(
    ("entry", "text", "why"),
    [
        ("acme", "raise SystemExit('bye')", "SystemExit: bye"),
        ("acme", "import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("acme", "", "AttributeError: module 'acme_rules' has no attribute 'RULES'"),
        ("acme", "RULES = ()", "TypeError: acme_rules:RULES is a tuple, not a cptkit.rules.RuleTable"),
        ("acme", "from cptkit.rules import RuleTable\nRULES = RuleTable(3)", "TypeError: 'int' object is not iterable"),
        ("acme", TEXT.format(row="1"), "a row is no RuleRow"),
        ("acme", TEXT.format(row=ROW.format(more=", ('ages',)")), "acme:ABC101: needs ages; known are "),
        ("acme", TEXT.format(row=ROW.format(more=", (), 'new'")), "ValueError: 'new' is not a valid RuleStatus"),
        ("other", TEXT.format(row=ROW.format(more="")), "acme:ABC101: the id is not other: with three letters"),
        ("mod", TEXT.format(row=ROW.format(more="")), "the namespace 'mod' reads as a prefix of cptkit's own ids; "),
        ("Acme", TEXT.format(row=ROW.format(more="")), "the namespace 'Acme' is not made of small letters"),
    ],
)  # fmt: skip
def test_a_broken_offer_names_its_package(install, entry, text, why):
    install("acme-rules", {entry: "acme_rules:RULES"}, {"acme_rules.__init__": text})
    told = f"the rules {entry} of acme-rules cannot be read: {why}"
    (broken,) = listed()[1]
    assert str(broken).startswith(told)
    assert [row.id for row in listed()[0]] == EVERY
    for select in (["ALL"], [f"{entry}:", "COD101"]):
        with pytest.raises(BrokenRules) as caught:
            selected(tuple(select))
        assert str(caught.value).startswith(told)
        assert f"ignore='{entry}:'" in str(caught.value)
    assert ids("ALL", ignore=[f"{entry}:"]) == ALL
    assert ids("COD101") == ["COD101"]
    with pytest.raises(UnknownRule, match="of acme-rules cannot be read"):
        ids(f"{entry}:ABC101")
    with pytest.raises(BrokenRules, match="of acme-rules cannot be read"):
        rule(f"{entry}:ABC101")
    with pytest.raises(UnknownRule, match="of acme-rules cannot be read"):
        rule("nobody:ABC101")


@pytest.mark.usefixtures("acme")
def test_one_broken_offer_hides_no_other(install):
    install("other-rules", {"other": "no_such_module:RULES"}, {})
    with pytest.raises(BrokenRules, match="of other-rules"):
        ids("other")
    assert [row.id for row in listed(("acme",))[0]] == ["acme:ABC101", "acme:ABC102", "acme:XYZ101"]
    assert [offer.namespace for offer in listed()[1]] == ["other"]
    assert ids("acme:ABC101") == ["acme:ABC101"]
    assert ids("ALL", ignore=["other", "ALL", "acme"]) == []


@pytest.mark.usefixtures("acme")
def test_two_packages_with_one_namespace_are_both_named(install):
    text = TABLE_OF_ACME.format(package="other_rules")
    install("other-rules", {"acme": "other_rules:RULES"}, {"other_rules.__init__": text})
    assert [str(offer) for offer in listed()[1]] == [
        "the rules acme of acme-rules cannot be read: the namespace is also that of other-rules",
        "the rules acme of other-rules cannot be read: the namespace is also that of acme-rules",
    ]
    with pytest.raises(BrokenRules):
        ids("ALL")


def test_one_installation_found_along_two_paths_is_one(acme, monkeypatch, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(acme, target_is_directory=True)
    monkeypatch.syspath_prepend(str(link))
    offers.cache_clear()
    assert [offer.reason for offer in offers()] == [""]


@pytest.mark.parametrize(
    ("modules", "why"),
    [
        ({}, "ModuleNotFoundError: No module named 'acme_rules.any_line'"),
        ({"acme_rules.any_line": "import no_such_module"}, "ModuleNotFoundError: No module named 'no_such_module'"),
        ({"acme_rules.any_line": "raise SystemExit(3)"}, "SystemExit: 3"),
        ({"acme_rules.any_line": "RULE = ('acme:ABC101', 'any-line')"}, "AttributeError: "),
        ({"acme_rules.any_line": "check = None"}, "AttributeError: "),
        (
            {"acme_rules.any_line": MODULE.format(id="ABC101", name="any-line", more="")},
            "its RULE is ('ABC101', 'any-line'), its row says ('acme:ABC101', 'any-line')",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_loaded_names_its_package(install, modules, why):
    table = {"acme_rules.__init__": TABLE_OF_ACME.format(package="acme_rules")}
    install("acme-rules", {"acme": "acme_rules:RULES"}, table | modules)
    for asked in (lambda: ids("ALL"), lambda: rule("acme:any-line")):
        with pytest.raises(BrokenRules) as caught:
            asked()
        assert str(caught.value).startswith(f"the rule acme:ABC101 of acme-rules cannot be loaded: {why}")
        assert "ignore='acme:ABC101'" in str(caught.value)
    assert ids("COD101") == ["COD101"]


def test_a_rule_without_documentation_has_none(acme):
    Path(acme, "acme_rules", "any_line.py").write_text("RULE = ('acme:ABC101', 'any-line')\ncheck = list\n")
    assert load(rule("acme:ABC101").row)[0] == ""
    unknown = RuleRow("acme:ABC101", "any-line", "no_such_module.x")
    with pytest.raises(BrokenRules, match="the rule acme:ABC101 of a package cannot be loaded"):
        load(unknown)


@pytest.mark.parametrize(
    "name", ["cod", "m", "tim4", "abc101", "preview", "all", "Acme", "a-b", "4acme", "", "time-missing"]
)
def test_a_namespace_never_reads_as_a_selector_of_bundled_rules(name):
    assert namespace_problem(name)


@pytest.mark.parametrize("name", ["acme", "acme_payer", "uhc_2026", "acme4"])
def test_a_namespace(name):
    assert namespace_problem(name) == ""
    assert not any(registry._strength(name, row) for row in TABLE.rows)


# ---- when they are looked for ----------------------------------------------------------------

PROGRAM = """
import sys
import cptkit
from cptkit.rules import check, rule, selected

selected(("COD", "time-missing"), ("COD101",))
rule("COD101")
print("importlib.metadata" in sys.modules or "importlib_metadata" in sys.modules)
"""


def test_they_are_not_looked_for_where_bundled_rules_alone_are_meant():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.usefixtures("acme")
def test_they_are_looked_for_once(claim, catalog, monkeypatch):
    check(claim, catalog, select=["ALL"])
    monkeypatch.setattr("importlib.metadata.entry_points", None)
    for select in (["ALL"], ["acme"], ["ALL", "PREVIEW"]):
        assert check(claim, catalog, select=select).not_checked
