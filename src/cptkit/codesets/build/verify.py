"""Verifying a whole edition: its bytes against the manifest, and what its tables say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from cptkit.codesets.build.timerules import TIMERULES, TimeRules
from cptkit.codesets.check import (
    DESCRIPTORS,
    Problem,
    Row,
    check_cells,
    check_references,
    check_rows,
    is_whole,
    read_table,
)
from cptkit.codesets.files import FORMAT, MANIFEST, Folder, digest_of, manifest_problems, read_part
from cptkit.codesets.tables import TABLES

__all__ = ["Verdict", "verify_folder"]

_DESCRIPTOR_COLUMNS = ("code", "descriptor")


@attrs.frozen
class Verdict:
    """What verifying an edition found: its name and digest as far as they can be read, every problem."""

    edition: str
    digest: str
    problems: tuple[Problem, ...]


def verify_folder(folder: Folder) -> Verdict:
    """Every byte of an edition held against its manifest, and every field and reference checked.

    Nothing is raised for what is wrong: all of it is in ``problems``, each with file and line.

    >>> from pathlib import Path
    >>> import cptkit
    >>> data = Path(cptkit.__file__).parent / "data"
    >>> verify_folder(data / "2026.1").problems
    ()
    >>> [str(problem) for problem in verify_folder(data / "1999.1").problems]
    ['manifest.json: cannot be read: No such file or directory']
    """
    problems: list[Problem] = []
    found = _bytes(folder, MANIFEST, None, problems)
    if found is None:
        return Verdict("", "", tuple(problems))
    raw, _ = found
    digest = digest_of(raw)
    manifest = _manifest(raw, problems)
    if manifest is None:
        return Verdict("", digest, tuple(problems))
    files: dict[str, bytes] = {}
    entries: Mapping[str, Any] = manifest["files"]
    for name, said in entries.items():
        if name != Path(name).name:
            problems.append(Problem(MANIFEST, 0, f"names a file of another folder: {name!r}"))
            continue
        entry: Mapping[str, Any] = said if isinstance(said, dict) else {}
        found = _bytes(folder, name, entry.get("digest"), problems)
        if found is None:
            continue
        files[name], stands = found
        problems += _entry_problems(stands, entry, files[name])
    problems += [
        Problem(name, 0, f"{MANIFEST} does not name it")
        for name in (*TABLES, TIMERULES)
        if name not in entries
    ]
    last_day = str(manifest.get("last_day"))
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    for name, columns in {**TABLES, DESCRIPTORS: _DESCRIPTOR_COLUMNS}.items():
        if name in files:
            tables[name] = read_table(name, files[name], columns, problems, exact=True)
            problems += check_cells(name, tables[name])
            problems += check_rows(name, tables[name], last_day)
    unsure = {name for name in tables if name not in files or not is_whole(tables[name], files[name])}
    problems += check_references(tables, unsure=unsure)
    if TIMERULES in files:
        rules = TimeRules(TIMERULES, files[TIMERULES], problems)
        if not unsure & {"codes.tsv", "sources.tsv"}:
            codes = {row.fields["code"] for row in tables["codes.tsv"]}
            sources = {row.fields["key"] for row in tables["sources.tsv"]}
            problems += rules.check_references(codes, sources, last_day)
    return Verdict(str(manifest.get("edition")), digest, tuple(problems))


def _bytes(folder: Folder, name: str, says: object, problems: list[Problem]) -> tuple[bytes, str] | None:
    """The bytes of a file and where they stand; ``says`` is the digest by which it may be shared."""
    try:
        return read_part(folder, name, says)
    except OSError as error:
        problems.append(Problem(name, 0, f"cannot be read: {error.strerror or error}"))
        return None


def _entry_problems(name: str, entry: Mapping[str, Any], data: bytes) -> list[Problem]:
    says = entry.get("digest")
    found = []
    if says != digest_of(data):
        found.append(
            Problem(name, 0, f"was changed: its digest is {digest_of(data)}, {MANIFEST} says {says}")
        )
    rows = entry.get("rows")
    there = data.count(b"\n") - 1
    if rows is not None and rows != there:
        found.append(Problem(name, 0, f"has {there} rows, {MANIFEST} says {rows}"))
    return found


def _manifest(raw: bytes, problems: list[Problem]) -> dict[str, Any] | None:
    """The manifest, or None when nothing can be read after it."""
    try:
        manifest = json.loads(raw)
    except json.JSONDecodeError as error:
        problems.append(Problem(MANIFEST, error.lineno, f"not JSON: {error.msg}"))
        return None
    except UnicodeDecodeError:
        problems.append(Problem(MANIFEST, 0, "not UTF-8"))
        return None
    except (ValueError, RecursionError) as error:
        problems.append(Problem(MANIFEST, 0, f"not a manifest: {error}"))
        return None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        problems.append(Problem(MANIFEST, 1, "not an edition's manifest: it has no files"))
        return None
    if manifest.get("format") != FORMAT:
        text = f"has the format {manifest.get('format')!r}, this version reads {FORMAT}; a newer cptkit reads newer formats"
        problems.append(Problem(MANIFEST, 1, text))
        return None
    problems.extend(Problem(MANIFEST, 0, text) for text in manifest_problems(manifest))
    return manifest
