"""An edition of invented codes, compiled from the facts beside this file when first asked for.

It goes the way of every edition: strict reading, compiling, the manifest and its digests.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import attrs

from cptkit.codesets import Codeset
from cptkit.errors import UnknownEdition

__all__ = ["YEARS", "synthetic_codeset", "write_synthetic_edition"]

YEARS: range = range(2015, 2100)
"""The coding years that the invented facts can answer for."""

_REVISION = 0  # no edition of real codes has it, so the two are never taken for each other


@cache
def synthetic_codeset(year: int = 2026) -> Codeset:
    """An edition of invented codes for a coding year, named ``2026.0``: revision 0 is never a real one.

    Ten things to test with: 00010 to 00012 are chosen by time, as a session is; 00020 to 00022 by
    their floors, as a visit is; 00030 and 00031 are a base and its add-on; 00040 to 00042 are counted
    in units; 00050 is an add-on that may stand on the add-on 00016; 00060 ended with 2024 and has
    successors; 00061 starts on 2026-07-01; 00062 starts with 2027; Y3 lifts an exclusion; Y8 needs Y7.

    :raises UnknownEdition: for a year before 2015 or after 2099.

    >>> codeset = synthetic_codeset()
    >>> codeset.edition, "00010" in codeset, "90834" in codeset
    ('2026.0', True, False)
    >>> codeset["00060"].last_day.isoformat(), synthetic_codeset(2027)["00062"].label
    ('2024-12-31', 'walk of 2027')
    >>> synthetic_codeset(1999)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownEdition: no invented codes for this year: 1999; expected a year from 2015 to 2099
    """
    return Codeset.from_folder(_Folder(_files(_checked(year))))


def write_synthetic_edition(folder: Path, year: int = 2026) -> Path:
    """Write the edition of ``synthetic_codeset`` into a folder, for what reads editions from a disk.

    :param folder: made when it is not there; files of an edition in it are written anew.
    :raises UnknownEdition: for a year before 2015 or after 2099.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Codeset.from_folder(write_synthetic_edition(Path(folder) / "2026.0")) == synthetic_codeset()
    True
    >>> write_synthetic_edition(Path("anywhere"), 1999)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownEdition: no invented codes for this year: 1999; expected a year from 2015 to 2099
    """
    files = _files(_checked(year))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        folder.joinpath(name).write_bytes(data)
    return folder


def _checked(year: int) -> int:
    if year not in YEARS:
        expected = f"a year from {YEARS[0]} to {YEARS[-1]}"
        raise UnknownEdition("no invented codes for this year", given=year, expected=expected)
    return year


@cache
def _files(year: int) -> Mapping[str, bytes]:
    # Loaded here: reading facts needs cattrs and tomllib, which nobody pays for by importing this.
    from importlib_resources import as_file, files

    from cptkit.codesets.build import compile_edition, read_facts

    with as_file(files("cptkit.testing").joinpath("facts")) as folder:
        return MappingProxyType(compile_edition(read_facts(folder), year, _REVISION))


@attrs.frozen
class _Folder:
    """Files in memory, read as a folder is."""

    files: Mapping[str, bytes]

    def joinpath(self, name: str, /) -> "_File":
        return _File(self.files, name)

    def __str__(self) -> str:
        return "an edition in memory"


@attrs.frozen
class _File:
    files: Mapping[str, bytes]
    name: str

    def read_bytes(self) -> bytes:
        try:
            return self.files[self.name]
        except KeyError as error:
            raise FileNotFoundError(self.name) from error
