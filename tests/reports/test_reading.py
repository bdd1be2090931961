"""Reports out of files: what is none is refused, in one sentence and with its place."""

import json
import pickle
from pathlib import Path

import pytest

from cptkit import Catalog, check
from cptkit.errors import BrokenReport
from cptkit.reports import read_report, reading, report_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(rich_claim):
    return check(rich_claim, Catalog.bundled())


@pytest.fixture
def kept(tmp_path):
    def keep(content):
        path = tmp_path / "old.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return keep


@pytest.mark.parametrize(
    "start", [b"", b"\xef\xbb\xbf", b" \r\n"], ids=["plain", "with a mark", "with blanks"]
)
def test_a_report_comes_back(report, kept, start):
    path = kept(start + json.dumps(report.to_dict()).encode())
    assert read_report(path) == report
    assert read_report(str(path)) == report


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is not JSON"),
        (b"{", "the file is not JSON"),
        (b"type,rule\nfinding,TIM402\n", "the file is not JSON"),
        (b"\xff\xfe{\0}\0", "the file is not UTF-8"),
        (b"\x80\x04\x95", "the file is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"type": "finding"}\n{"type": "summary"}\n', "the file holds JSON lines"),
        (b'{"format": 1, "format": 1}', "the field 'format' stands twice"),
        (b'{"format": NaN}', "NaN is no value"),
        (b'{"format": ' + b"1" * 5000 + b"}", "the file is not JSON"),
        (
            b'{"format": 2}',
            "newer version of cptkit, in a format that this one cannot read; expected format 1",
        ),
        (b'{"format": 1}', "expected a field pins"),
        (
            b'{"format": 1}',
            "as cptkit writes it (an older version may have written it): an object; expected a",
        ),
        (
            b'{"format": 1, "colour": 1}',
            "as cptkit writes it (a newer version may have written it): 'colour'; ",
        ),
        (b"[]", "expected an object"),
        (b"null", "not a report as cptkit writes it: null"),
        (b'{"format": 1, "colour": "red"}', "'colour'; expected no field but format"),
    ],
)
def test_what_is_no_report(kept, content, words):
    path = kept(content)
    with pytest.raises(BrokenReport) as caught:
        read_report(path)
    assert words in str(caught.value)
    assert path.name in str(caught.value)
    assert len(str(caught.value)) < 500
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - made here


def test_the_place_in_the_file_is_named(report, kept):
    broken = report.to_dict()
    broken["findings"][0]["lines"] = "2"
    with pytest.raises(BrokenReport, match=r"see findings\[0\]\.lines in .*old\.json"):
        read_report(kept(json.dumps(broken)))


def test_a_file_that_cannot_be_read(tmp_path):
    for path in (tmp_path, tmp_path / "none.json", "a\0b"):
        with pytest.raises(BrokenReport, match="the report cannot be read"):
            read_report(path)


def test_a_file_that_is_too_big(report, kept, monkeypatch):
    text = json.dumps(report.to_dict())
    monkeypatch.setattr(reading, "_MOST_BYTES", len(text))
    assert read_report(kept(text)) == report
    with pytest.raises(BrokenReport, match="too big for a report"):
        read_report(kept(text + " "))


def test_the_published_schema_is_the_one_of_the_code():
    """``docs/reference/report.schema.json`` is written out of it; see the end of json-report.md."""
    text = (ROOT / "docs" / "reference" / "report.schema.json").read_text(encoding="utf-8")
    assert text == json.dumps(report_schema(), indent=1, ensure_ascii=False) + "\n"
