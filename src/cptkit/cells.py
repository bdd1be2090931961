"""The texts of a table's cells as values: dates, whole numbers, clock times, money.

Each function returns the value or raises ``ValueError`` with the reason, as a reader of the file
would want to see it. Nothing is guessed: where a text could mean two things, it is refused.
"""

import datetime as dt
import re
from decimal import Decimal

from cptkit.codes import clean, is_valid
from cptkit.errors import CptkitError
from cptkit.modifiers import parse_service, split_modifiers

__all__ = ["NULLS", "clock", "code_and_modifiers", "day", "money", "quoted", "whole"]

NULLS = ("NULL", "null", "\\N", "NA")
"""How databases and R write that a cell of a CSV is empty, where no quotes are around it."""

_TIME = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_ISO = re.compile(rf"([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}})(?:{_TIME})?")
_SLASHED = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")
_SAS = re.compile(r"([0-9]{1,2})(-?)([A-Za-z]{3})\2([0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_WHOLE = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
_DECIMAL = re.compile(r"[+-]?[0-9]*\.?[0-9]+")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: *([AaPp])\.?[Mm]\.?)?")
_MONEY = re.compile(r"-?\$? *(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,4})?")
_SERVICE = re.compile(r"([^\s,;:|/\-]{5})[\s,;:|/\-]+(.+)", re.DOTALL)
_MOST_DIGITS = 9
_SHOWN = 40
_FIRST_YEAR = 1900


def quoted(text: str) -> str:
    """The text in quotes, cut when it is long, with signs that do not print spelled out.

    >>> quoted("12"), quoted("x" * 60)
    ("'12'", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'")
    """
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def day(text: str, what: str = "date of service") -> dt.date:
    """A date written ``2026-03-02``, ``2026/03/02``, ``03/02/2026`` (month first), ``20260302`` or ``02MAR2026``.

    A time behind an ISO date, with a zone or without one, changes nothing: the day is the one that is written. A year
    before 1900 is refused: ``0026`` was to be 2026. ``what`` names it in the reason.

    >>> day("3/2/2026") == day("20260302") == dt.date(2026, 3, 2)
    True
    >>> day("2026-02-30")
    Traceback (most recent call last):
    ...
    ValueError: date of service '2026-02-30' is not a day of the calendar
    """
    if not text:
        raise ValueError(f"no {what}")
    hit = _ISO.fullmatch(text) or _COMPACT.fullmatch(text) or _SLASHED.fullmatch(text)
    if hit is not None:
        year, month, number = hit.groups()
    elif (hit := _AMERICAN.fullmatch(text)) is not None:
        month, number, year = hit.groups()
    elif (hit := _SAS.fullmatch(text)) is not None and hit[3].lower() in _MONTHS:
        year, month, number = hit[4], _MONTHS.index(hit[3].lower()) + 1, hit[1]
    else:
        accepted = "2026-03-02, 03/02/2026 (month first) or 20260302"
        raise ValueError(f"{what} {quoted(text)} cannot be read; write it {accepted}")
    try:
        found = dt.date(int(year), int(month), int(number))
    except ValueError:
        order = " (read as month/day/year)" if hit.re is _AMERICAN else ""
        raise ValueError(f"{what} {quoted(text)} is not a day of the calendar{order}") from None
    if found.year < _FIRST_YEAR:
        raise ValueError(
            f"{what} {quoted(text)} is before {_FIRST_YEAR}; write the year's four digits, as in 2026"
        )
    return found


def whole(text: str, what: str) -> int:
    """A whole number, perhaps written ``1.0``; ``what`` names it in the reason.

    >>> whole("2", "units"), whole("1.0", "units"), whole("-1", "units")
    (2, 1, -1)
    >>> whole("1.5", "units")
    Traceback (most recent call last):
    ...
    ValueError: units '1.5': a whole number is needed
    """
    hit = _WHOLE.fullmatch(text)
    if hit is None:
        needed = "whole completed minutes are" if what == "minutes" else "a whole number is"
        known = _DECIMAL.fullmatch(text) is not None
        why = f"{needed} needed" if known else f"no number; write it {47 if what == 'minutes' else 2}"
        raise ValueError(f"{what} {quoted(text)}: {why}")
    digits = hit[1].lstrip("+-").lstrip("0")
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"{what} {quoted(text)}: too many digits")
    return int(digits or "0") * (-1 if hit[1].startswith("-") else 1)


def clock(text: str, what: str) -> dt.time:
    """A time of day written ``9:05``, ``09:05``, ``09:05:30`` or ``2:15 PM``.

    >>> clock("2:15 pm", "start"), clock("12:00 AM", "start")
    (datetime.time(14, 15), datetime.time(0, 0))
    >>> clock("25:00", "stop")
    Traceback (most recent call last):
    ...
    ValueError: stop '25:00' is not a time of day; write it 14:15 or 2:15 PM
    """
    hit = _CLOCK.fullmatch(text)
    if hit is not None:
        hour, minute, second = int(hit[1]), int(hit[2]), int(hit[3] or 0)
        is_possible = hour < 24 and minute < 60 and second < 60
        if hit[4]:
            is_possible = is_possible and 1 <= hour <= 12
            hour = hour % 12 + (12 if hit[4] in "pP" else 0)
        if is_possible:
            return dt.time(hour, minute, second)
    raise ValueError(f"{what} {quoted(text)} is not a time of day; write it 14:15 or 2:15 PM")


def money(text: str) -> Decimal:
    """An amount such as ``150``, ``150.00`` or ``$1,150.00``.

    >>> money("$1,150.00")
    Decimal('1150.00')
    >>> money("NaN")
    Traceback (most recent call last):
    ...
    ValueError: charge 'NaN' is no amount
    """
    if _MONEY.fullmatch(text) is None:
        raise ValueError(f"charge {quoted(text)} is no amount")
    return Decimal(text.replace("$", "").replace(",", "").replace(" ", ""))


def code_and_modifiers(text: str) -> tuple[str, tuple[str, ...]]:
    """A code cell as code and modifiers: it may hold a whole service.

    A code that is none is kept as written, for a rule to report.

    >>> code_and_modifiers("90834-95"), code_and_modifiers("9083495HO"), code_and_modifiers("908345")
    (('90834', ('95',)), ('90834', ('95', 'HO')), ('908345', ()))
    >>> code_and_modifiers(" ")
    Traceback (most recent call last):
    ...
    ValueError: no code
    """
    code = clean(text)
    if not code:
        raise ValueError("no code")
    if is_valid(code):
        return code, ()
    hit = _SERVICE.fullmatch(code)
    if hit is not None:
        return clean(hit[1]), split_modifiers(hit[2])  # of a text that is not ASCII the case was left
    try:
        service = parse_service(code)
    except CptkitError:
        return code, ()
    return service.code, service.modifiers
