"""Reading an edition's files: the manifest, its digests, and tab-separated tables.

An edition is a folder. ``manifest.json`` names every other file with its SHA-256; the digest of
the edition is the SHA-256 of the manifest, so one digest pins every byte.

Editions that stand side by side may keep a file that they have in common once: in the folder
``shared`` beside theirs, under its name and the first 16 digits of its SHA-256
(``shared/denials-5bd391463869c853.tsv``). A file that is not in the edition's own folder is looked
for there, and verified like any other. The bundled editions are kept so; the manifest says nothing
of it, so where a file stands changes no digest.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
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
    "read_part",
    "rows_of",
    "shared_name",
    "shared_parts",
]

FORMAT = 1
_FILE = re.compile(r"[a-z0-9][a-z0-9.-]*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MANIFEST = "manifest.json"
SHARED = "shared"


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
    try:
        raw: bytes = folder.joinpath(MANIFEST).read_bytes()
    except OSError as error:
        raise _unreadable(folder, MANIFEST, error) from error
    found = digest_of(raw)
    if digest is not None and digest != found:
        message = f"the edition has the digest {found}, not the one pinned"
        raise DigestMismatch(message, given=digest, expected=found, where=str(folder))
    manifest = _manifest(raw, folder)
    texts = {}
    for name, entry in manifest["files"].items():
        try:
            data, stands = read_part(folder, name, entry["digest"])
        except OSError as error:
            raise _unreadable(folder, name, error) from error
        actual = digest_of(data)
        if actual != entry["digest"]:
            message = f"{name} was changed: its digest is {actual}, the manifest says {entry['digest']}"
            where = str(folder) if stands == name else f"{folder}/{stands}"
            raise DigestMismatch(message, given=actual, expected=entry["digest"], where=where)
        try:
            texts[name] = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BrokenEdition(f"{name} is not UTF-8: {error}", given=name, where=str(folder)) from error
    return EditionFiles(manifest, found, texts)


def _unreadable(folder: Folder, name: str, error: OSError) -> BrokenEdition:
    message = f"the edition has no readable {name}: {error.strerror or error}"
    return BrokenEdition(message, given=name, where=str(folder))


def read_part(folder: Folder, name: str, digest: object) -> tuple[bytes, str]:
    """The bytes of an edition's file, not yet verified, and where they stand, seen from its folder.

    In the folder itself, or else in ``shared`` beside it; see the module.

    :param digest: what the manifest says of the file; what is no digest names nothing to look for.
    :raises OSError: when it is in neither place, or cannot be read.

    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> edition, shared = Path(folder.name, "2026.1"), Path(folder.name, "shared")
    >>> edition.mkdir(), shared.mkdir()
    (None, None)
    >>> _ = (shared / shared_name("codes.tsv", digest_of(b"code"))).write_bytes(b"code")
    >>> read_part(edition, "codes.tsv", digest_of(b"code"))
    (b'code', '../shared/codes-5694d08a2e53ffca.tsv')
    >>> read_part(edition, "codes.tsv", digest_of(b""))
    Traceback (most recent call last):
    ...
    FileNotFoundError...
    >>> folder.cleanup()
    """
    try:
        own: bytes = folder.joinpath(name).read_bytes()
    except FileNotFoundError as missing:
        shared = _shared(folder)
        if shared is None or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise
        stored = shared_name(name, digest)
        try:
            data: bytes = shared.joinpath(stored).read_bytes()
        except FileNotFoundError:
            raise missing from None
        return data, f"../{SHARED}/{stored}"
    return own, name


def shared_name(name: str, digest: str) -> str:
    """The name under which a file of several editions stands in the folder ``shared``.

    >>> shared_name("denials.tsv", digest_of(b""))
    'denials-e3b0c44298fc1c14.tsv'
    """
    stem, point, suffix = name.rpartition(".")
    return f"{stem or suffix}-{digest.removeprefix('sha256:')[:16]}{point and point + suffix}"


def shared_parts(folder: Path) -> Mapping[str, Path]:
    """The files that a manifest in a folder names and that are not in it: where ``shared`` has them, if it does.

    Nothing for a folder of tables without a manifest.

    >>> import cptkit
    >>> data = Path(cptkit.__file__).parent / "data"
    >>> shared_parts(data / "2026.1")["denials.tsv"].name[:8], shared_parts(data)
    ('denials-', {})
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    files = manifest.get("files") if isinstance(manifest, dict) else None
    digests = {
        name: entry["digest"]
        for name, entry in (files.items() if isinstance(files, dict) else ())
        if _FILE.fullmatch(name) and isinstance(entry, dict) and _DIGEST.fullmatch(str(entry.get("digest")))
    }
    return {
        name: folder / ".." / SHARED / shared_name(name, digest)
        for name, digest in digests.items()
        if not (folder / name).exists()
    }


def _shared(folder: Folder) -> Folder | None:
    if isinstance(folder, PurePath):  # the step up is the system's: "." and a link to an edition have one too
        beside: Folder = folder.joinpath("..", SHARED)
        return beside
    above = getattr(folder, "parent", None)  # a folder within a zipped package has it, one in memory may not
    return None if above is None else above.joinpath(SHARED)


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
