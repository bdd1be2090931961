"""The package that the how-to builds works as it says: found, selected, explained and tested."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to" / "rules-of-your-own-package.md"
BLOCK = re.compile(r"^```(?P<kind>python|toml)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CLAIMS = "claim,patient,dos,clinician,code,modifiers,units,minutes\nC-1,P-1,2026-03-02,A,90834,95,1,47\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The how-to's files, laid out as an installed package and its tests."""
    home = tmp_path_factory.mktemp("acme")
    blocks = [hit["body"] for hit in BLOCK.finditer(HOW_TO.read_text(encoding="utf-8"))]
    project, module, table, cases, tests = blocks
    offers = tomllib.loads(project)["project"]["entry-points"]["cptkit.rules"]
    entries = "".join(f"{name} = {place}\n" for name, place in offers.items())
    about = home / "acme_rules-1.0.dist-info"
    about.mkdir()
    (home / "acme_rules").mkdir()
    about.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    about.joinpath("entry_points.txt").write_text(f"[cptkit.rules]\n{entries}")
    (home / "acme_rules" / "__init__.py").write_text(table)
    (home / "acme_rules" / "abc101_telehealth_without_consent.py").write_text(module)
    (home / "abc101.toml").write_text(cases)
    (home / "test_acme.py").write_text(tests)
    (home / "claims.csv").write_text(CLAIMS)
    return home


@pytest.fixture
def run(home):
    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(home), *filter(None, sys.path)])}
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=home, env=environment, capture_output=True, text=True, check=False
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


def test_its_tests_pass(run):
    status, out, err = run("pytest", "-q", "-p", "no:cacheprovider", "test_acme.py")
    assert (status, err) == (0, ""), out
    assert "5 passed" in out


def test_its_tests_fail_where_the_rule_changes(run, home):
    path = home / "acme_rules" / "abc101_telehealth_without_consent.py"
    text = path.read_text()
    try:
        path.write_text(text.replace('"Z0001" for', '"Z0002" for').replace("REVIEW", "ERROR"))
        status, out, _ = run("pytest", "-vv", "-p", "no:cacheprovider", "test_acme.py")
    finally:
        path.write_text(text)
    assert status == 1
    assert "findings: severity error, not review: '00011 with 95, and no Z0001 beside it'" in out
    assert "acme:ABC101 1: no likely denial" in out
    assert "findings: the report has acme:ABC101 1, the case has nothing" in out


def test_check_runs_it_and_can_leave_it_out(run):
    status, out, err = run("cptkit", "check", "claims.csv")
    assert (status, err) == (1, "")
    assert "90834 with 95, and no Z0001 beside it" in " ".join(out.split())
    assert run("cptkit", "check", "claims.csv", "--ignore", "acme")[0] == 0


def test_an_old_id_is_told_on_standard_error(run):
    status, out, err = run("cptkit", "check", "claims.csv", "--select", "acme:ABC100")
    assert (status, err) == (1, "cptkit: rule acme:ABC100 is acme:ABC101 now\n")
    assert "acme:ABC101" in out
    assert run("cptkit", "explain", "acme:ABC100")[2] == "cptkit: rule acme:ABC100 is acme:ABC101 now\n"


def test_it_is_listed_and_explained(run):
    status, out, err = run("cptkit", "rules", "acme")
    assert (status, err) == (0, "")
    assert out.startswith("acme:ABC101  acme:telehealth-without-consent. A telehealth line does")
    assert "since 1.0; needs no table; from acme-rules" in out
    status, out, err = run("cptkit", "explain", "acme:telehealth-without-consent")
    assert (status, err) == (0, "")
    assert out.startswith(
        "acme:ABC101 acme:telehealth-without-consent\nstable, since 1.0; needs no table; from acme-rules\n"
    )
    assert "\nFails: 90834-95 without Z0001 on the day." in out


def test_a_broken_package_is_named_and_hides_nothing(run, home):
    path = home / "acme_rules" / "__init__.py"
    text = path.read_text()
    try:
        path.write_text("raise RuntimeError('half installed')")
        listed, checked = run("cptkit", "rules"), run("cptkit", "check", "claims.csv")
        left_out = run("cptkit", "check", "claims.csv", "--ignore", "acme")
    finally:
        path.write_text(text)
    told = "the rules acme of acme-rules cannot be read: RuntimeError: half installed"
    assert (listed[0], listed[2]) == (1, f"{told}\n")
    assert "TIM402" in listed[1]
    assert checked[0] == 2
    assert checked[2] == f"cptkit: {told}; see --ignore acme:, to check without them\n"
    assert left_out[0] == 0
    path = home / "acme_rules" / "abc101_telehealth_without_consent.py"
    text = path.read_text()
    try:
        path.write_text("import no_such_module")
        listed = run("cptkit", "rules", "acme", "--format", "csv")
    finally:
        path.write_text(text)
    assert listed[0] == 1
    assert listed[1].splitlines()[1].endswith(",stable,1.0,,acme-rules,cannot be loaded")
    assert "the rule acme:ABC101 of acme-rules cannot be loaded: ModuleNotFoundError" in listed[2]
