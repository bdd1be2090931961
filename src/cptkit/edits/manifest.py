"""The manifest of a folder of edit tables: which parts there are, in which files, with which digests.

``manifest.json`` is the one name in the folder that changes what it means; every other file is named
after its own digest and never changes. The digest of the manifest pins every byte.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.errors import BrokenEdits, DigestMismatch

__all__ = [
    "FORMAT",
    "MANIFEST",
    "TABLES",
    "Manifest",
    "Origin",
    "Part",
    "digest_of",
    "manifest_bytes",
    "read_file",
    "read_manifest",
]

FORMAT = 1
MANIFEST = "manifest.json"
TABLES = ("ptp", "mue", "addons", "pfs", "telehealth")
_OF_YEAR = "telehealth"
_WHAT = "cptkit edit tables"
_FILE = re.compile(r"[a-z0-9][a-z0-9-]*\.(?:bin|tsv|marks)")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CODE = re.compile(r"[0-9A-Z]{5}")
_RELEASE = re.compile(r"[0-9]{2}[A-Z][A-Z0-9]{0,3}")


@attrs.frozen(slots=True)
class Origin:
    """A file that a part was read from: its name, the archive around it, and the digest of what was downloaded.

    ``rows``: how many rows were taken from it. ``first`` and ``last``: the pairs it begins and ends
    with, where it is in order; so a row is traced to one of several files.

    >>> Origin("ccipra-v302r0-f1.TXT", "f1.zip", "sha256:" + 64 * "0", 2, "W9901W9902", "W9903W9904").rows
    2
    >>> Origin()
    Traceback (most recent call last):
    ...
    TypeError: Origin.__init__() missing 4 required positional arguments: ...
    """

    name: str
    archive: str | None
    digest: str
    rows: int
    first: str | None = None
    last: str | None = None


@attrs.frozen(slots=True)
class Part:
    """One table of one quarter, release or year.

    ``table``: ``ptp``, ``mue``, ``addons``, ``pfs`` or ``telehealth``. ``quarter``: of a table that holds for a
    year the first one. ``digest`` is that of its content alone: it stays the same when other quarters come and go. ``counts``: figures by name. ``rejected``: codes
    of rows that were rejected when the table was imported; no answer can be given for them.

    >>> Part("mue", Setting.DME, Quarter(2024, 3), "mue-dme-0.tsv", "sha256:" + 64 * "0", 5).name
    'mue dme 2024q3'
    >>> Part("mue")
    Traceback (most recent call last):
    ...
    TypeError: Part.__init__() missing 5 required positional arguments: ...
    """

    table: str
    setting: Setting | None
    quarter: Quarter
    file: str
    digest: str
    rows: int
    origins: tuple[Origin, ...] = ()
    counts: Mapping[str, int] = attrs.field(factory=dict)
    marks: str | None = None
    release: str | None = None
    first_day: dt.date | None = None
    qpp: bool = False
    rejected: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is, as one text: no two parts of a folder have the same."""
        when = self.release or str(self.year or self.quarter)
        words = [self.table, self.setting, when, "qpp" if self.qpp else None]
        return " ".join(word for word in words if word)

    @property
    def year(self) -> int | None:
        """The calendar year for which it holds; None for a table of a quarter or release."""
        return self.quarter.year if self.table == _OF_YEAR else None

    @property
    def order(self) -> tuple[int, str, Quarter, str, bool]:
        """Where it stands among the others."""
        return TABLES.index(self.table), self.setting or "", self.quarter, self.release or "", self.qpp

    @property
    def starts(self) -> dt.date:
        """The first day of a release, or of the quarter."""
        return self.first_day or self.quarter.first_day

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the folder that belong to it."""
        return (self.file,) if self.marks is None else (self.file, self.marks)

    @property
    def source(self) -> str:
        """The names of the files it was read from."""
        return " or ".join(origin.name for origin in self.origins)


@attrs.frozen(slots=True)
class Manifest:
    """A manifest that was read: its parts as JSON by their names, each file's digest and size, its own digest.

    Parts are read when they are asked for: attaching is to take no time.
    """

    entries: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, tuple[str, int]]
    digest: str
    where: str

    def part(self, name: str) -> Part | None:
        """The part of that name, or None.

        :raises BrokenEdits: when what the manifest says of it cannot be.
        """
        entry = self.entries.get(name)
        if entry is None:
            return None
        try:
            part = _part(entry)
            is_named = part.name == name and all(file in self.files for file in part.files)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"the manifest is damaged: {name!r} is no part ({error})"
            raise BrokenEdits(message, where=self.where) from error
        if not is_named:
            message = f"the manifest is damaged: {name!r} has another name, or files that are not named"
            raise BrokenEdits(message, where=self.where)
        return part

    def parts(self) -> tuple[Part, ...]:
        """All parts.

        :raises BrokenEdits: when what the manifest says of one cannot be.
        """
        return tuple(part for part in map(self.part, self.entries) if part is not None)


def digest_of(data: bytes | memoryview) -> str:
    """``sha256:`` and the digest in hexadecimal.

    >>> digest_of(b"")
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder, once its form was found right.

    :raises BrokenEdits: when there is none, or it is none.
    """
    where = str(folder / MANIFEST)
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        message = f"no edit tables can be read here: {error.strerror or error}"
        raise BrokenEdits(message, where=where) from error
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BrokenEdits(f"the manifest is not JSON: {error}", where=where) from error
    if not isinstance(value, dict) or value.get("what") != _WHAT:
        raise BrokenEdits("this is no manifest of edit tables", where=where)
    if value.get("format") != FORMAT or type(value["format"]) is not int:
        expected = f"format {FORMAT}; a newer cptkit reads newer formats"
        raise BrokenEdits(
            "the edit tables have another format", given=value.get("format"), expected=expected, where=where
        )
    try:
        files = _files(value["files"])
        entries = {_name(entry): entry for entry in value["parts"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenEdits(f"the manifest is damaged: {error}", where=where) from error
    if len(entries) != len(value["parts"]):
        raise BrokenEdits("the manifest is damaged: it names a part twice", where=where)
    return Manifest(entries, files, digest_of(raw), where)


def _files(entries: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    for name, entry in entries.items():
        if not _FILE.fullmatch(name) or not _is(entry["digest"], _DIGEST) or not _is_count(entry["bytes"]):
            raise ValueError(f"name, digest or size of {name!r} is none")
    return {name: (entry["digest"], entry["bytes"]) for name, entry in entries.items()}


def _name(entry: Mapping[str, Any]) -> str:
    """The name of a part, out of its JSON; see ``Part.name``."""
    when = entry.get("release") or entry.get("quarter") or str(entry["year"])
    words = (entry["table"], entry.get("setting"), when)
    return " ".join([word for word in words if word]) + (" qpp" if entry.get("qpp") else "")


def _part(entry: Mapping[str, Any]) -> Part:
    if not _is(entry["digest"], _DIGEST) or not _is_count(entry["rows"]) or entry["table"] not in TABLES:
        raise ValueError("table, digest or rows")
    if (entry["table"] in {"ptp", "mue"}) is not ("setting" in entry):
        raise ValueError("setting")
    if (entry["table"] == "pfs") is not ("release" in entry) or not _is(
        entry.get("release", "24A"), _RELEASE
    ):
        raise ValueError("release")
    if (entry["table"] == _OF_YEAR) is not (type(entry.get("year")) is int):
        raise ValueError("year")
    if not all(_is_count(count) for count in entry.get("counts", {}).values()):
        raise ValueError("counts")
    if not isinstance(entry.get("qpp", False), bool):
        raise TypeError("qpp")
    rejected = entry.get("rejected", [])
    if not isinstance(rejected, list) or not all(_is(code, _CODE) for code in rejected):
        raise ValueError("rejected")
    return Part(
        entry["table"],
        Setting(entry["setting"]) if "setting" in entry else None,
        Quarter(entry["year"], 1) if "year" in entry else Quarter.parse(entry["quarter"]),
        entry["file"],
        entry["digest"],
        entry["rows"],
        tuple(_origin(origin) for origin in entry["origins"]),
        entry.get("counts", {}),
        entry.get("marks"),
        entry.get("release"),
        dt.date.fromisoformat(entry["first_day"]) if "release" in entry else None,
        entry.get("qpp", False),
        tuple(rejected),
    )


def _origin(entry: Mapping[str, Any]) -> Origin:
    texts = [entry["name"], *(entry[name] for name in ("archive", "first", "last") if name in entry)]
    if (
        not all(isinstance(text, str) for text in texts)
        or not _is(entry["digest"], _DIGEST)
        or not _is_count(entry["rows"])
    ):
        raise ValueError("an origin")
    return Origin(
        entry["name"],
        entry.get("archive"),
        entry["digest"],
        entry["rows"],
        entry.get("first"),
        entry.get("last"),
    )


def read_file(folder: Path, name: str, manifest: Manifest, held: bytes | None = None) -> bytes:
    """The bytes of a file that a manifest names.

    :param held: its bytes, where they were read already.
    :raises BrokenEdits: when it cannot be read.
    :raises DigestMismatch: when a byte of it differs.
    """
    try:
        data = (folder / name).read_bytes() if held is None else held
    except OSError as error:
        message = f"the edit tables have no readable {name}: {error.strerror or error}"
        raise BrokenEdits(message, given=name, where=str(folder)) from error
    found, expected = digest_of(data), manifest.files[name][0]
    if found != expected:
        message = f"{name} was changed: its digest is {found}, the manifest says {expected}"
        raise DigestMismatch(message, given=found, expected=expected, where=str(folder))
    return data


def manifest_bytes(parts: Iterable[Part], files: Mapping[str, tuple[str, int]]) -> bytes:
    """The bytes of a manifest: the same for the same parts, whatever the order they came in."""
    value = {
        "what": _WHAT,
        "format": FORMAT,
        "files": {name: {"digest": digest, "bytes": size} for name, (digest, size) in files.items()},
        "parts": [_json_of(part) for part in sorted(parts, key=lambda part: part.order)],
    }
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _json_of(part: Part) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "table": part.table,
        **({"quarter": str(part.quarter)} if part.year is None else {"year": part.year}),
        "file": part.file,
        "digest": part.digest,
        "rows": part.rows,
        "origins": [
            {name: value for name, value in attrs.asdict(origin).items() if value is not None}
            for origin in part.origins
        ],
    }
    if part.setting is not None:
        entry["setting"] = part.setting.value
    if part.counts:
        entry["counts"] = dict(part.counts)
    if part.rejected:
        entry["rejected"] = list(part.rejected)
    if part.marks is not None:
        entry["marks"] = part.marks
    if part.first_day is not None:
        entry |= {"release": part.release, "first_day": part.first_day.isoformat(), "qpp": part.qpp}
    return entry


def _is(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
