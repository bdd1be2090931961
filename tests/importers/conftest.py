"""Files in the layouts of CMS and the AMA, written by the tests: no row of theirs stands in this repository."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import attrs
import pytest

from cptkit.importers import Member, members

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
RELS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
REL = '<Relationship Id="{}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)


class Day(int):
    """A cell that Excel shows as a day: its number counts days since 1899-12-30."""


class Raw(str):
    """A cell written as it is, marks and all."""

    __slots__ = ()


def letters(column: int) -> str:
    text = ""
    while column >= 0:
        text = chr(65 + column % 26) + text
        column = column // 26 - 1
    return text


def workbook_bytes(
    sheets: dict[str, Iterable[Sequence[object]]], extra: dict[str, str] | None = None
) -> bytes:
    """A workbook as Excel lays it out: texts are shared, empty cells are not written."""
    shared: dict[str, int] = {}
    parts = {}
    for number, rows in enumerate(sheets.values(), start=1):
        lines = []
        for row, cells in enumerate(rows, start=1):
            found = []
            for column, cell in enumerate(cells):
                where = f'r="{letters(column)}{row}"'
                if cell is None or cell == "":
                    continue
                if isinstance(cell, Raw):
                    found.append(cell.replace("{where}", where))
                elif isinstance(cell, bool):
                    found.append(f'<c {where} t="b"><v>{int(cell)}</v></c>')
                elif isinstance(cell, Day):
                    found.append(f'<c {where} s="1"><v>{int(cell)}</v></c>')
                elif isinstance(cell, (int, float)):
                    found.append(f"<c {where}><v>{cell!r}</v></c>")
                else:
                    index = shared.setdefault(str(cell), len(shared))
                    found.append(f'<c {where} t="s"><v>{index}</v></c>')
            lines.append(f'<row r="{row}">{"".join(found)}</row>')
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
        )
    texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
    named = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(sheets, start=1)
    )
    rels = [
        REL.format(f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)
    ]
    rels += [
        REL.format("rIdS", "sharedStrings", "sharedStrings.xml"),
        REL.format("rIdT", "styles", "styles.xml"),
    ]
    parts |= {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELS.format(REL.format("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            f"<sheets>{named}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": RELS.format("".join(rels)),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        "xl/styles.xml": STYLES,
    } | (extra or {})
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda name: name != "[Content_Types].xml"):
            archive.writestr(name, parts[name])
    return data.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Member]:
    """Write a file under a name and give its member: text (as UTF-8) or bytes."""

    def written(name: str, content: str | bytes) -> Member:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (member,) = members(path)
        return member

    return written


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """A zip of the given members."""

    def written(name: str, contents: dict[str, str | bytes]) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in contents.items():
                archive.writestr(member, content)
        return path

    return written


@pytest.fixture(scope="session")
def book() -> Callable[..., bytes]:
    """The bytes of a workbook of the given sheets; the test is skipped without python-calamine."""
    pytest.importorskip("python_calamine", reason="pip install cptkit[xlsx]")
    return workbook_bytes


@pytest.fixture(scope="session")
def day_cell() -> type[Day]:
    return Day


@pytest.fixture(scope="session")
def raw_cell() -> type[Raw]:
    return Raw


@pytest.fixture(scope="session")
def csv_text() -> Callable[[Iterable[Sequence[str]]], str]:
    """Rows as CMS writes .csv: CRLF, quotes only where they are needed."""

    def text(rows: Iterable[Sequence[str]]) -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(rows)
        return out.getvalue()

    return text


# ---- downloads of a whole quarter ------------------------------------------------------------------

PAIRS = (
    ("W9901\tW9902\t\t20200101\t*\t1\town words", "W9901\tX9903\t*\t19960101\t20231231\t0\tother words"),
    ("W9902\tW9904\t\t20210401\t*\t0\town words",),
    ("W9905\tW9901\t\t20220101\t20220101\t9\town words", "W9905\tW9906\t\t20230101\t*\t0\town words"),
    ("X9903\tW9902\t\t20240401\t*\t1\tother words",),
)
PAIRS_ABOVE = (
    "An invented notice.\t\t\t\t\t\t\r\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
LIMITS = ("W9901,1,1 Line Edit,own words", "W9902,0,3 Date of Service Edit: Clinical,own words")
LIMITS_OF = {
    "practitioner": "Practitioner Services",
    "hospital": "Outpatient Hospital Services",
    "dme": "DME Supplier Services",
}
FIRST_DAYS = {"q1": "01-01", "q2": "04-01", "q3": "07-01", "q4": "10-01"}
ADDONS = ("1W9911       W9901       2013001       ", "2W9912       CCCCC       2018001       own note")
FEE_HEADER = (
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,"
    "PROC,SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT"
)
FEES = ("W9901,26,text,A,,1.5,0.7,NA,0.7,,0.1,2.3,2.3,1,010,0.1,0.8,0.1,2,1,0,1,0,,33.4,02,0,88,0,0,0",)


@attrs.frozen
class Downloads:
    """Writes files in the layouts and under the names of CMS, into one folder."""

    folder: Path
    parts: Sequence[Sequence[str]] = PAIRS
    fee_rows: Sequence[str] = FEES

    def write(self, name: str, content: str | bytes) -> Path:
        """A file as it is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
        return path

    def zipped(self, name: str, contents: dict[str, str]) -> Path:
        """A zip of these members; the same bytes at any time."""
        path = self.write(name, b"")
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in contents.items():
                archive.writestr(zipfile.ZipInfo(member), content.encode("latin-1"), zipfile.ZIP_DEFLATED)
        return path

    def pair_text(self, lines: Iterable[str]) -> str:
        """The text of a part of the pair edits."""
        return PAIRS_ABOVE + "".join(line + "\r\n" for line in lines)

    def pairs(
        self,
        quarter: str = "2024q3",
        setting: str = "practitioner",
        parts: Sequence[Sequence[str]] = PAIRS,
    ) -> list[Path]:
        """The zips f1 to f4 of a quarter."""
        year, number = int(quarter[:4]), int(quarter[-1])
        letters = {"practitioner": "ccipra", "hospital": "ccioph"}[setting]
        stem = f"{letters}-v{year - 1994}{number - 1}r0"
        return [
            self.zipped(
                f"medicare-ncci-{quarter}-{setting}-ptp-edits-{stem}-f{place}.zip",
                {f"{stem}-f{place}.TXT": self.pair_text(lines)},
            )
            for place, lines in enumerate(parts, start=1)
        ]

    def limits(
        self, quarter: str = "2024q3", setting: str = "practitioner", rows: Iterable[str] = LIMITS
    ) -> Path:
        """The unit limits of a quarter, as .csv with a notice of two lines."""
        named = LIMITS_OF[setting]
        above = '"An invented notice\nof two lines",,,\r\n'
        header = f'"HCPCS/\nCPT Code",{named} MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n'
        name = f"MCR_MUE_{named.replace(' ', '')}_Eff_{FIRST_DAYS[quarter[-2:]]}-{quarter[:4]}.csv"
        return self.write(name, above + header + "".join(row + "\r\n" for row in rows))

    def addons(self, quarter: str = "2024q3", rows: Iterable[str] = ADDONS) -> Path:
        """The add-on edits of a quarter, in the fixed-width form."""
        return self.write(f"AOC_V{quarter.upper()}-F-MCR.txt", "".join(row + "\r\n" for row in rows))

    def fees(self, release: str = "24C", rows: Iterable[str] = FEES) -> Path:
        """The relative values of a release, in a zip."""
        month = dict(zip("ABCD", ("JAN", "APR", "JUL", "OCT"), strict=True))[release[2]]
        name = f"PPRRVU{release[:2]}_{month}.csv"
        text = "," * 30 + "\r\n" + FEE_HEADER + "\r\n" + "".join(row + "\r\n" for row in rows)
        return self.zipped(f"rvu{release.lower()}.zip", {name: text})

    def everything(self, quarter: str = "2024q3") -> list[Path]:
        """A quarter of each kind of table."""
        letter = "ABCD"[int(quarter[-1]) - 1]
        return [
            *self.pairs(quarter),
            self.limits(quarter),
            self.limits(quarter, "dme"),
            self.addons(quarter),
            self.fees(quarter[2:4] + letter),
        ]


@pytest.fixture
def downloads(tmp_path: Path) -> Downloads:
    return Downloads(tmp_path / "downloads")


@pytest.fixture(scope="session")
def cms() -> type[Downloads]:
    """For tests whose examples need a folder each."""
    return Downloads


class Answer(NamedTuple):
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def call(capfdbinary, monkeypatch) -> Callable[..., Answer]:
    """Run the command line in this process."""
    main = pytest.importorskip("cptkit.cli", reason="pip install cptkit[cli]").main
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments: str | Path) -> Answer:
        status = main([str(argument) for argument in arguments])
        captured = capfdbinary.readouterr()
        return Answer(status, captured.out.decode(), captured.err.decode())

    return call
