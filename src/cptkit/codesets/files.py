"""Reading an edition's files: the manifest, its digests, and tab-separated tables.

An edition is a folder. ``manifest.json`` names every other file with its SHA-256; the digest of
the edition is the SHA-256 of the manifest, so one digest pins every byte.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from cptkit.codesets.names import edition_parts
from cptkit.errors import BrokenEdition, DigestMismatch

__all__ = [
    "FORMAT",
    "EditionFiles",
    "Folder",
    "digest_of",
    "is_day",
    "manifest_problems",
    "read_edition",
    "rows_of",
]

FORMAT = 1
_FILE = re.compile(r"[a-z0-9][a-z0-9.-]*")
MANIFEST = "manifest.json"


class Folder(Protocol):
    """A folder on disk or inside a package: what ``pathlib`` and ``importlib.resources`` share."""

    def joinpath(self, name: str, /) -> Any:
        """The file of that name."""


class EditionFiles(NamedTuple):
    """The verified bytes of an edition."""

    manifest: Mapping[str, Any]
    digest: str
    texts: Mapping[str, str]


def digest_of(data: bytes) -> str:
    """``sha256:`` and the digest in hexadecimal.

    >>> digest_of(b"")
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_edition(folder: Folder, *, digest: str | None = None) -> EditionFiles:
    """Every file of an edition, verified against the manifest, and the manifest against ``digest``.

    :raises DigestMismatch: when a byte differs; both digests are named.
    :raises BrokenEdition: when the manifest is unreadable, newer than this version, or names a
        file that is not there.
    """
    raw = _read(folder, MANIFEST)
    found = digest_of(raw)
    if digest is not None and digest != found:
        message = f"the edition has the digest {found}, not the one pinned"
        raise DigestMismatch(message, given=digest, expected=found, where=str(folder))
    manifest = _manifest(raw, folder)
    texts = {}
    for name, entry in manifest["files"].items():
        data = _read(folder, name)
        actual = digest_of(data)
        if actual != entry["digest"]:
            message = f"{name} was changed: its digest is {actual}, the manifest says {entry['digest']}"
            raise DigestMismatch(message, given=actual, expected=entry["digest"], where=str(folder))
        try:
            texts[name] = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BrokenEdition(f"{name} is not UTF-8: {error}", given=name, where=str(folder)) from error
    return EditionFiles(manifest, found, texts)


def _read(folder: Folder, name: str) -> bytes:
    try:
        data: bytes = folder.joinpath(name).read_bytes()
    except OSError as error:
        message = f"the edition has no readable {name}: {error.strerror or error}"
        raise BrokenEdition(message, given=name, where=str(folder)) from error
    return data


def _manifest(raw: bytes, folder: Folder) -> Mapping[str, Any]:
    try:
        manifest = json.loads(raw)
        number = manifest["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{MANIFEST} is not an edition's manifest ({type(error).__name__}: {error})"
        raise BrokenEdition(message, where=str(folder)) from error
    if type(number) is not int or number != FORMAT:
        expected = f"format {FORMAT}; a newer cptkit reads newer formats"
        raise BrokenEdition(
            "the edition has another format", given=number, expected=expected, where=str(folder)
        )
    problems = manifest_problems(manifest)
    if problems:
        message = f"{MANIFEST} is not an edition's manifest: {'; '.join(problems)}"
        raise BrokenEdition(message, where=str(folder))
    result: Mapping[str, Any] = manifest
    return result


def manifest_problems(manifest: Mapping[str, Any]) -> list[str]:
    """What is wrong with a manifest of this format: its name, its days, the names of its files.

    >>> manifest_problems({"edition": "2026.1", "year": 2026, "revision": 1, "files": {"../x": {}}})[-1]
    "'../x' is no name of a file, or has no digest"
    """
    problems: list[str] = []
    edition, year = manifest.get("edition"), manifest.get("year")
    parts = edition_parts(edition)
    if parts is None:
        problems.append(f"edition {edition!r} is no name such as 2026.1")
    elif (year, manifest.get("revision")) != parts[:2]:
        problems.append("year and revision are not those of the edition's name")
    elif (manifest.get("first_day"), manifest.get("last_day")) != (f"{year}-01-01", f"{year}-12-31"):
        problems.append(f"its days are not 1 January to 31 December {year}")
    if not is_day(manifest.get("modifiers_complete_on")):
        problems.append(f"modifiers_complete_on is not a day: {manifest.get('modifiers_complete_on')!r}")
    files = manifest.get("files")
    if not isinstance(files, dict):
        return [*problems, "it names no files"]
    problems.extend(
        f"{name!r} is no name of a file, or has no digest"
        for name, entry in files.items()
        if not _FILE.fullmatch(name)
        or not isinstance(entry, dict)
        or not isinstance(entry.get("digest"), str)
    )
    return problems


def is_day(text: object) -> bool:
    """Whether a text is a day as an edition writes it, and no other form of ISO 8601.

    >>> is_day("2026-01-31"), is_day("2026-W05-6"), is_day("20260131"), is_day(None)
    (True, False, False, False)
    """
    try:
        return isinstance(text, str) and dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def rows_of(texts: Mapping[str, str], name: str) -> Iterator[dict[str, str]]:
    r"""The rows of a table as mappings of column to text.

    :raises BrokenEdition: when the table is missing or a row has too few or too many fields.

    >>> list(rows_of({"t.tsv": "code\tlabel\n90834\tsession\n"}, "t.tsv"))
    [{'code': '90834', 'label': 'session'}]
    >>> list(rows_of({"t.tsv": "code\tlabel\n90834\n"}, "t.tsv"))
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenEdition: t.tsv line 2 has 1 fields; expected 2 fields, as the header
    """
    if name not in texts:
        raise BrokenEdition(f"the edition has no table {name}", given=name)
    header, *lines = texts[name].removesuffix("\n").split("\n")
    columns = header.split("\t")
    for number, line in enumerate(lines, start=2):
        fields = line.split("\t")
        if len(fields) != len(columns):
            message = f"{name} line {number} has {len(fields)} fields"
            raise BrokenEdition(message, expected=f"{len(columns)} fields, as the header")
        yield dict(zip(columns, fields, strict=True))
