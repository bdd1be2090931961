"""What an edition's tables may say: every field, every row, and how the tables hang together.

Nothing is raised for a wrong table: every problem is listed, with its file and line, so that one
look at the list is enough to mend them all. ``check_folder`` looks at a whole edition,
``cptkit codeset build`` uses the parts on tables that are to become one.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cptkit.codes import Owner, Section, category_of
from cptkit.codesets.files import is_day
from cptkit.codesets.tables import EVIDENCE, TABLES
from cptkit.errors import nearest
from cptkit.modifiers import is_valid_modifier
from cptkit.sources import Confidence

__all__ = [
    "DESCRIPTORS",
    "KEYS",
    "Problem",
    "Row",
    "check_cells",
    "check_references",
    "check_rows",
    "is_whole",
    "read_table",
]

DESCRIPTORS = "descriptors.tsv"
"""The table of a user's own licensed descriptors; no bundled edition has it."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "codes.tsv": ("code",),
    "code-history.tsv": ("code", "from"),
    "revisions.tsv": ("code", "from"),
    "addons.tsv": ("code", "from"),
    "modifiers.tsv": ("code",),
    "modifier-history.tsv": ("code", "from"),
    "modifier-sets.tsv": ("name",),
    "exclusions.tsv": ("id", "from"),
    "conventions.tsv": ("name", "from"),
    "denials.tsv": ("check",),
    "sections.tsv": ("name", "low", "high"),
    "sources.tsv": ("key",),
    DESCRIPTORS: ("code",),
}
"""The columns that make a row of a table one of a kind; the first is what the row is about."""


class Problem(NamedTuple):
    """Something wrong in a file; line 0 is the file as a whole.

    >>> print(Problem("codes.tsv", 3, "'9083' is not a code"))
    codes.tsv:3: '9083' is not a code
    >>> print(Problem("codes.tsv", 0, "is not UTF-8"))
    codes.tsv: is not UTF-8
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class Row(NamedTuple):
    """A row of a table with the file and line it stands in."""

    file: str
    line: int
    fields: Mapping[str, str]

    def problem(self, text: str) -> Problem:
        """A problem of this row."""
        return Problem(self.file, self.line, text)


Tables = Mapping[str, Sequence[Row]]


# ---- lines and fields ----------------------------------------------------------------------


def read_table(
    file: str,
    data: bytes,
    columns: Sequence[str],
    problems: list[Problem],
    *,
    optional: Iterable[str] = (),
    exact: bool = False,
) -> list[Row]:
    r"""The rows of a table; what is wrong with its form is added to ``problems``.

    :param optional: columns that may be missing or stand besides ``columns``.
    :param exact: the columns in their order and nothing else, and a line feed at the end.

    >>> problems = []
    >>> [row.fields for row in read_table("t.tsv", b"code\tfrom\n90834\t2013-01-01\n", ("code", "from"), problems)]
    [{'code': '90834', 'from': '2013-01-01'}]
    >>> read_table("t.tsv", b"code\tform\n90834\n", ("code", "from"), problems)
    []
    >>> [str(problem) for problem in problems]
    ["t.tsv:1: unknown column 'form'; did you mean from?", 't.tsv:1: the column from is missing', 't.tsv:2: 1 field, the header has 2']
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(file, number, f"not UTF-8: byte {data[error.start]:#04x}"))
        return []
    if text.startswith("\ufeff"):
        problems.append(Problem(file, 1, "starts with a byte order mark: save it as UTF-8 without one"))
        text = text[1:]
    if "\r" in text:
        number = text.count("\n", 0, text.index("\r")) + 1
        problems.append(Problem(file, number, "holds a carriage return: lines end in LF alone"))
        text = text.replace("\r\n", "\n").replace("\r", " ")
    if exact and not text.endswith("\n"):
        problems.append(Problem(file, text.count("\n") + 1, "the last line does not end in LF"))
    header, *lines = text.removesuffix("\n").split("\n")
    names = header.split("\t")
    usable = _header_problems(file, names, columns, set(optional), problems, exact=exact)
    rows = []
    for number, line in enumerate(lines, start=2):
        fields = line.split("\t")
        if len(fields) != len(names):
            told = "an empty line" if not line else f"{len(fields)} field{'s' * (len(fields) != 1)}"
            problems.append(Problem(file, number, f"{told}, the header has {len(names)}"))
        elif usable:
            rows.append(Row(file, number, dict(zip(names, fields, strict=True))))
    return rows


def _header_problems(
    file: str,
    names: Sequence[str],
    columns: Sequence[str],
    optional: set[str],
    problems: list[Problem],
    *,
    exact: bool,
) -> bool:
    """Whether the columns can be used; what is wrong with them is added to the problems."""
    known = {*columns, *optional}
    found = []
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            found.append(f"the column {name!r} is there twice")
        if name not in known:
            near = nearest(name, known)
            found.append(f"unknown column {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
    missing = [name for name in columns if name not in names and name not in optional]
    found += [f"the column {name} is missing" for name in missing]
    if exact and not found and tuple(names) != tuple(columns):
        found.append(f"the columns stand in another order than {', '.join(columns)}")
    problems += [Problem(file, 1, text) for text in found]
    return not found


# ---- what a field may say -------------------------------------------------------------------


def _one_of(*words: str) -> Callable[[str], str]:
    told = ", ".join(word or "nothing" for word in words)
    return lambda text: "" if text in words else f"{text!r} is none of {told}"


def _fits(pattern: str, what: str) -> Callable[[str], str]:
    shape = re.compile(pattern, re.ASCII)
    return lambda text: "" if shape.fullmatch(text) else f"{text!r} is not {what}"


def _code(text: str) -> str:
    return "" if category_of(text) is not None else f"{text!r} is not a code"


def _modifier(text: str) -> str:
    right = is_valid_modifier(text) and text == text.strip().upper()
    return "" if right else f"{text!r} is not a modifier"


def _day(text: str) -> str:
    return "" if is_day(text) else f"{text!r} is not a day such as 2026-01-31"


def _each(check: Callable[[str], str], *, least: int = 0) -> Callable[[str], str]:
    def judge(text: str) -> str:
        words = text.split(" ") if text else []
        if len(words) < least:
            return "there must be one at least"
        if len(set(words)) < len(words):
            return f"{text!r} names one twice"
        return next((wrong for word in words if (wrong := check(word))), "")

    return judge


def _pair(text: str) -> str:
    one, _, other = text.partition(":")
    return "" if category_of(one) and category_of(other) else f"{text!r} is not a pair such as 90834:90836"


_WORD = _fits(r"\S+", "a word without blanks")
_TEXT = _fits(r".*\S.*", "a text")
_YES = _one_of("yes", "no")
_STATUS = _one_of("in-force", "ended", "announced")
_COLUMNS: dict[str, Callable[[str], str]] = {
    "code": _code,
    "from": _day,
    "status": _STATUS,
    "earlier": _YES,
    "timed": _YES,
    "successors": _each(_code),
    "predecessors": _each(_code),
    "aoc_type": _one_of("0", "1", "2", "3"),
    "same_day_edit": _YES,
    "open": _YES,
    "primaries": _each(_code),
    "doubtful": _each(_code),
    "section": _one_of(*Section),
    "what": _TEXT,
    "sources": _each(_WORD, least=1),
    "confidence": _one_of(*Confidence),
    "checked": _day,
}
_OF_TABLE: dict[str, dict[str, Callable[[str], str]]] = {
    "modifiers.tsv": {
        "code": _modifier,
        "owner": _one_of(*Owner),
        "order_class": _fits(r"\d{1,3}", "a number"),
        "ncci_bypass": _YES,
        "conflicts": _each(_modifier),
    },
    "modifier-history.tsv": {"code": _modifier},
    "modifier-sets.tsv": {
        "name": _WORD,
        "members": _each(_modifier, least=1),
        "strength": _one_of("error", "warning", "payer"),
    },
    "exclusions.tsv": {
        "id": _WORD,
        "codes": _each(_code, least=1),
        "excludes": _each(_code, least=1),
        "bypass": _each(_modifier),
        "drop": _one_of("codes", "excludes", "either"),
        "cure_drops": _one_of("", "codes", "excludes", "either"),
        "replacements": _each(_pair),
        "denial": _WORD,
    },
    "conventions.tsv": {"name": _WORD, "value": _TEXT, "text": _TEXT},
    "denials.tsv": {"check": _WORD, "rarc": _each(_WORD), "likely": _YES},
    "sections.tsv": {"name": _one_of(*Section), "low": _code, "high": _code},
    "sources.tsv": {"key": _WORD, "grade": _one_of("A", "B", "C", "D"), "where": _TEXT},
    DESCRIPTORS: {"descriptor": _TEXT},
}


def check_cells(name: str, rows: Iterable[Row]) -> Iterator[Problem]:
    """What is wrong with single fields of a table.

    >>> row = Row("codes.tsv", 2, {"code": "9083", "timed": "no"})
    >>> [str(problem) for problem in check_cells("codes.tsv", [row])]
    ["codes.tsv:2: code: '9083' is not a code"]
    """
    judges = _COLUMNS | _OF_TABLE.get(name, {})
    for row in rows:
        for column, text in row.fields.items():
            judge = judges.get(column)
            if judge is not None and (wrong := judge(text)):
                yield row.problem(f"{column}: {wrong}")
        fields = row.fields
        if name == "sections.tsv" and not _is_range(fields["low"], fields["high"]):
            yield row.problem(f"{fields['low']} to {fields['high']} is no range of one kind of code")


def _is_range(low: str, high: str) -> bool:
    return low <= high and category_of(low) is category_of(high)


# ---- rows of one table ----------------------------------------------------------------------


def check_rows(name: str, rows: Iterable[Row], last_day: str) -> Iterator[Problem]:
    """Rows that stand twice, out of the order of their days, or start after ``last_day``.

    >>> rows = [Row("t.tsv", 2, {"code": "90834"}), Row("t.tsv", 3, {"code": "90834"})]
    >>> [str(problem) for problem in check_rows("codes.tsv", rows, "2026-12-31")]
    ['t.tsv:3: 90834 is there twice, first at t.tsv:2']
    """
    key = KEYS[name]
    seen: dict[tuple[str, ...], Row] = {}
    newest: dict[str, str] = {}
    is_life = name in {"code-history.tsv", "modifier-history.tsv"}
    for row in rows:
        mark = tuple(row.fields[column] for column in key)
        about = mark[0]
        first = seen.setdefault(mark, row)
        if first is not row:
            told = (
                f"{about} has two rows from {mark[1]}"
                if "from" in key
                else f"{' '.join(mark)} is there twice"
            )
            yield row.problem(f"{told}, first at {first.file}:{first.line}")
            continue
        if "from" not in key:
            continue
        day = row.fields["from"]
        if is_life and about not in newest and row.fields["status"] != "in-force":
            yield row.problem(f"the life of {about} starts with a row that is not in force")
        if about in newest and day < newest[about]:
            yield row.problem(f"the rows of {about} do not stand in the order of their days")
        newest[about] = max(day, newest.get(about, ""))
        is_older = row.fields.get("earlier") == "yes"  # only its record starts later
        if day > last_day and not _day(day) and not is_older:
            yield row.problem(f"{about} from {day} starts after the last day of the edition, {last_day}")


# ---- tables together ------------------------------------------------------------------------


def is_whole(rows: Sequence[Row], data: bytes) -> bool:
    r"""Whether every line of a table became a row.

    >>> is_whole([], b"code\n"), is_whole([], b"code\n90834\n")
    (True, False)
    """
    return len(rows) == data.removesuffix(b"\n").count(b"\n")


def check_references(tables: Tables, *, unsure: Collection[str] = ()) -> Iterator[Problem]:
    """Codes, modifiers, denials and sources that a row names and no table holds.

    :param unsure: tables that could not be read as a whole: what is not in them is not told.

    >>> rows = {name: [] for name in TABLES}
    >>> rows["addons.tsv"] = [Row("addons.tsv", 2, {"code": "90785", "primaries": "90832", "sources": "X"})]
    >>> [str(problem) for problem in check_references(rows)]
    ['addons.tsv:2: code: 90785 is not in codes.tsv', 'addons.tsv:2: primaries: 90832 is not in codes.tsv', 'addons.tsv:2: sources: X is not in sources.tsv']
    """
    held = {
        name: {row.fields[KEYS[name][0]] for row in tables.get(name, ())} for name in (*TABLES, DESCRIPTORS)
    }
    for name, rows in tables.items():
        for row in rows:
            for column, table, words in _references(name, row.fields):
                for word in words:
                    is_told = table == "codes.tsv" and category_of(word) is None  # as no code at all
                    if table not in unsure and word and word not in held[table] and not is_told:
                        yield row.problem(f"{column}: {word} is not in {table}")
    for row in tables.get("addons.tsv", ()):
        fields = row.fields
        others = set(fields.get("primaries", "").split()) - {fields["code"]}
        if fields.get("aoc_type") == "1" and fields.get("open") == "no" and not others:
            yield row.problem("primaries: a closed list holds no code but the add-on itself")
    for things, lives in (("codes.tsv", "code-history.tsv"), ("modifiers.tsv", "modifier-history.tsv")):
        for row in tables.get(things, ()):
            if lives not in unsure and row.fields["code"] not in held[lives]:
                yield row.problem(f"{row.fields['code']} has no row in {lives}")


def _references(name: str, fields: Mapping[str, str]) -> Iterator[tuple[str, str, list[str]]]:
    """Column, the table it points into, and what it names there."""
    codes, modifiers = "codes.tsv", "modifiers.tsv"
    if name in {"code-history.tsv", "revisions.tsv", "addons.tsv", DESCRIPTORS}:
        yield "code", codes, [fields["code"]]
    if name == "modifier-history.tsv":
        yield "code", modifiers, [fields["code"]]
    for column, table in (
        ("successors", codes),
        ("predecessors", codes),
        ("primaries", codes),
        ("doubtful", codes),
        ("bypass", modifiers),  # conflicts and members may name what came after the list
    ):
        if fields.get(column):
            yield column, table, fields[column].split()
    if name == "exclusions.tsv":
        for column in ("codes", "excludes"):
            yield column, codes, fields[column].split()
        yield "replacements", codes, fields["replacements"].replace(":", " ").split()
        yield "denial", "denials.tsv", [fields["denial"]]
    if EVIDENCE[0] in fields:
        yield EVIDENCE[0], "sources.tsv", fields[EVIDENCE[0]].split()
