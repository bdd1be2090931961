"""What file names say: the quarter and whose table it is, and nothing else. The layout is told by content.

>>> str(claims_of("medicare-ncci-2026q3-practitioner-ptp-edits-ccipra-v322r0-f1.zip").quarter)
'2026q3'
>>> claims_of("MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.csv").setting
<Setting.HOSPITAL: 'hospital'>
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TypeVar

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.errors import ContradictoryFile, InvalidQuarter

__all__ = ["NameClaims", "Programme", "claims_of"]

T = TypeVar("T")


class Programme(StrEnum):
    """Whose table it is. Medicaid's edits are no edits of Medicare, and never go into its tables.

    >>> Programme("medicaid")
    <Programme.MEDICAID: 'medicaid'>
    >>> Programme("aetna")
    Traceback (most recent call last):
    ...
    ValueError: 'aetna' is not a valid Programme
    """

    MEDICARE = "medicare"
    MEDICAID = "medicaid"


@attrs.frozen(slots=True)
class NameClaims:
    """What a name says; None or empty where it says nothing.

    ``year`` where it names a year and no quarter; ``release`` a release of the fee schedule as CMS
    names it (``24AR``); ``qpp`` whether it is the table for qualifying participants; ``part`` which
    of the files it is that make one table (``f1``).
    """

    quarter: Quarter | None = None
    year: int | None = None
    setting: Setting | None = None
    programme: Programme | None = None
    release: str | None = None
    qpp: bool | None = None
    change: str | None = None
    part: int | None = None


_MONTHS = {"jan": 1, "apr": 2, "jul": 3, "oct": 4}
_MONTH = "(jan|apr|jul|oct)[a-z]*"
_RVU = re.compile(r"(?<![a-z])rvu([0-9]{2})([a-d])(r[0-9]?)?(?![a-z0-9])")
_PART = re.compile(r"(?<![a-z0-9])(?:f|part[-_ ]?)0?([1-9])(?:[-_ ]?of[-_ ]?0?[1-9])?(?![a-z0-9])")
_BARE_YEAR = re.compile(r"(?<![0-9])(?:cy|hcpc|pprrvu)?(20[0-9]{2})(?![0-9])")
_QUARTERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Quarter]], ...] = (
    (re.compile(r"(?<![0-9])(20[0-9]{2})[-_ ]?q([1-4])(?![0-9])"), lambda m: Quarter(int(m[1]), int(m[2]))),
    (re.compile(r"(?<![a-z])q([1-4])[-_ ]?(20[0-9]{2})(?![0-9])"), lambda m: Quarter(int(m[2]), int(m[1]))),
    (
        re.compile(r"cci(?:pra|oph|mcr|mcd)?[-_ ]?(v[0-9]{2}[0-3])(?![0-9])"),
        lambda m: Quarter.from_version(m[1]),
    ),
    (
        re.compile(r"eff[a-z]*[-_ ]?([01][0-9])[-_. ]([0-3][0-9])[-_. ](20[0-9]{2})(?![0-9])"),
        lambda m: Quarter.of(dt.date(int(m[3]), int(m[1]), int(m[2]))),
    ),
    (
        re.compile(rf"(?:pprrvu|hcpc)(?:20)?([0-9]{{2}})[-_ ]?{_MONTH}"),
        lambda m: Quarter(2000 + int(m[1]), _MONTHS[m[2]]),
    ),
    (
        re.compile(rf"(?<![a-z]){_MONTH}[-_ ]?(20[0-9]{{2}})(?![0-9])"),
        lambda m: Quarter(int(m[2]), _MONTHS[m[1]]),
    ),
    (_RVU, lambda m: Quarter(2000 + int(m[1]), "abcd".index(m[2]) + 1)),
)
_SETTINGS: tuple[tuple[re.Pattern[str], Setting], ...] = (
    (re.compile(r"practitioner|ccipra|(?<![a-z])pra(?![a-z])"), Setting.PRACTITIONER),
    (re.compile(r"hospital|ccioph|outpatient|(?<![a-z])oph(?![a-z])"), Setting.HOSPITAL),
    (re.compile(r"(?<![a-z])dme|durable"), Setting.DME),
)
_PROGRAMMES: tuple[tuple[re.Pattern[str], Programme], ...] = (
    (re.compile(r"medicaid|(?<![a-z])mcd(?![a-z])"), Programme.MEDICAID),
    (re.compile(r"medicare|(?<![a-z])mcr(?![a-z])"), Programme.MEDICARE),
)
_CHANGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"addition|added"), "added"),
    (re.compile(r"deletion|deleted"), "ended"),
    (re.compile(r"revis|modifier[-_ ]?(?:indicator)?[-_ ]?change"), "revised"),
)


def claims_of(*names: str) -> NameClaims:
    """What the names of a file and of the archive around it say together.

    :raises ContradictoryFile: when they say two different things.

    >>> claims_of("ccioph-v322r0-f4.zip").part
    4
    >>> claims_of("2026q3.zip", "ccipra-v321r0-f1.TXT")
    Traceback (most recent call last):
    ...
    cptkit.errors.ContradictoryFile: the names say two quarters: '2026q2 and 2026q3'; expected one of them; see 2026q3.zip, ccipra-v321r0-f1.TXT
    """
    texts = [name.lower() for name in names]
    quarter = _only("quarters", {found for text in texts for found in _quarters(text)}, names)
    years = {int(hit[1]) for text in texts for hit in _BARE_YEAR.finditer(text)}
    releases = {f"{hit[1]}{hit[2]}{hit[3] or ''}".upper() for text in texts for hit in _RVU.finditer(text)}
    kinds = {"nonqpp" not in text for text in texts if "qpp" in text}
    changes = {word for pattern, word in _CHANGES for text in texts[-1:] if pattern.search(text)}
    return NameClaims(
        quarter=quarter,
        year=years.pop() if quarter is None and len(years) == 1 else None,
        setting=_only("settings", _found(_SETTINGS, texts), names),
        programme=_only("programmes", _found(_PROGRAMMES, texts), names),
        release=_only("releases", releases, names),
        qpp=_only("tables", kinds, names),
        change=changes.pop() if len(changes) == 1 else None,
        part=_only("parts", {int(hit[1]) for text in texts for hit in _PART.finditer(text)}, names),
    )


def _quarters(text: str) -> Iterator[Quarter]:
    for pattern, made in _QUARTERS:
        for hit in pattern.finditer(text):
            try:
                yield made(hit)
            except (InvalidQuarter, ValueError):  # numbers that only look like a quarter or a day
                continue


def _found(patterns: tuple[tuple[re.Pattern[str], T], ...], texts: list[str]) -> set[T]:
    return {value for pattern, value in patterns for text in texts if pattern.search(text)}


def _only(what: str, found: set[T], names: tuple[str, ...]) -> T | None:
    if len(found) > 1:
        given = " and ".join(sorted(str(value) for value in found))
        raise ContradictoryFile(
            f"the names say two {what}", given=given, expected="one of them", where=", ".join(names)
        )
    return next(iter(found), None)
