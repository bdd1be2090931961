"""`verify_folder`: every byte and every row of an edition; every problem at once."""

import json
from pathlib import Path

import pytest

import cptkit
from cptkit.cli import main
from cptkit.codesets import bundled_editions
from cptkit.codesets.build.verify import verify_folder
from cptkit.codesets.files import MANIFEST

DATA = Path(cptkit.__file__).parent / "data"


def told(folder):
    return [str(problem) for problem in verify_folder(folder).problems]


@pytest.mark.parametrize("edition", bundled_editions())
def test_a_bundled_edition_has_no_problem(edition):
    verdict = verify_folder(DATA / edition)
    assert verdict.problems == ()
    assert (verdict.edition, verdict.digest) == (edition, cptkit.codeset(edition).digest)


@pytest.fixture
def copied(copied_whole):
    return copied_whole


def test_one_byte_of_every_file_is_noticed_and_all_are_told_at_once(copied):
    changed = []
    for path in copied.iterdir():
        if path.name != MANIFEST:
            data = bytearray(path.read_bytes())
            data[-3] = ord("y") if data[-3] != ord("y") else ord("z")
            path.write_bytes(bytes(data))
            changed.append(path.name)
    found = told(copied)
    for name in changed:
        (line,) = (line for line in found if line.startswith(f"{name}: was changed"))
        assert line.count("sha256:") == 2


def test_a_missing_file_and_one_that_the_manifest_does_not_name(copied):
    (copied / "addons.tsv").unlink()
    manifest = json.loads((copied / MANIFEST).read_text(encoding="utf-8"))
    del manifest["files"]["denials.tsv"]
    manifest["files"]["../codes.tsv"] = {"digest": "x"}
    (copied / MANIFEST).write_text(json.dumps(manifest))
    found = told(copied)
    assert "addons.tsv: cannot be read: No such file or directory" in found
    assert "denials.tsv: manifest.json does not name it" in found
    assert "manifest.json: names a file of another folder: '../codes.tsv'" in found


def broken(copied, name, old, new):
    """The edition with a table changed and the manifest made to agree."""
    data = (copied / name).read_bytes()
    assert old in data
    (copied / name).write_bytes(data.replace(old, new, 1))
    return agreed(copied)


def agreed(copied, **says):
    from cptkit.codesets.files import digest_of

    manifest = json.loads((copied / MANIFEST).read_text(encoding="utf-8")) | says
    for name, entry in manifest["files"].items():
        entry["digest"] = digest_of((copied / name).read_bytes())
    (copied / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return told(copied)


@pytest.mark.parametrize(
    ("name", "old", "new", "wanted"),
    [
        ("codes.tsv", b"90834\t", b"9O834\t", "code: '9O834' is not a code"),
        (
            "codes.tsv",
            b"code\tlabel\tfamily",
            b"code\tfamily\tlabel",
            ":1: the columns stand in another order",
        ),
        ("addons.tsv", b"\t90839\t", b"\t99999\t", "primaries: 99999 is not in codes.tsv"),
        ("code-history.tsv", b"90834\t2013-01-01", b"90834\t2013-13-01", "from: '2013-13-01' is not a day"),
        ("exclusions.tsv", b"ptp-bundled", b"ptp-bumdled", "denial: ptp-bumdled is not in denials.tsv"),
        ("conventions.tsv", b"\tincluded\t", b"\t\t", "value: '' is not a text"),
        ("conventions.tsv", b"CAHABA-PFS", b"CAHABA", "sources: CAHABA is not in sources.tsv"),
        ("timerules.json", b'"optional":false', b'"optional":"no"', "'no' is not bool"),
    ],
)
def test_content_is_checked_besides_the_bytes(copied, name, old, new, wanted):
    assert any(wanted in line and line.startswith(name) for line in broken(copied, name, old, new))


def test_a_table_without_its_last_line_feed(copied):
    path = copied / "denials.tsv"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    found = agreed(copied)
    assert any("the last line does not end in LF" in line for line in found)
    assert any(line.startswith("denials.tsv: has ") for line in found)


def test_rows_out_of_the_order_of_their_days(copied):
    path = copied / "code-history.tsv"
    header, *lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + b"".join(reversed(lines)))
    assert any("do not stand in the order of their days" in line for line in agreed(copied))


@pytest.mark.parametrize(
    ("says", "wanted"),
    [
        ({"format": 2}, "manifest.json:1: has the format 2, this version reads 1; a newer cptkit"),
        ({"edition": "acme"}, "manifest.json: edition 'acme' is no name such as 2026.1"),
        ({"year": 2025}, "manifest.json: year and revision are not those of the edition's name"),
        ({"last_day": "2026-02-30"}, "manifest.json: its days are not 1 January to 31 December 2026"),
        ({"modifiers_complete_on": None}, "manifest.json: modifiers_complete_on is not a day: None"),
    ],
)
def test_what_the_manifest_says_is_checked(copied, says, wanted):
    assert any(line.startswith(wanted) for line in agreed(copied, **says))


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"{\n", "manifest.json:2: not JSON"),
        (b"\xff", "manifest.json: not UTF-8"),
        (b"[]", "manifest.json:1: not an edition's manifest"),
        (b'{"files": []}', "manifest.json:1: not an edition's manifest"),
    ],
)
def test_a_manifest_that_is_none(copied, data, wanted):
    (copied / MANIFEST).write_bytes(data)
    (line,) = told(copied)
    assert line.startswith(wanted)


def test_the_command_tells_every_problem(copied, capsys):
    assert main(["edition", "verify", str(copied)]) == 0
    broken(copied, "codes.tsv", b"90834\t", b"9O834\t")
    assert main(["edition", "verify", "2026.1", str(copied)]) == 1
    shown = capsys.readouterr().out
    assert f"{copied}  BROKEN  sha256:" in shown
    assert "is not a code" in shown
    assert "\n2026.1  ok  sha256:" in shown
    assert main(["edition", "verify"]) == 0
    assert main(["edition", "verify", "2031.1"]) == 2
    assert main(["edition", "verify", "no/folder"]) == 1
