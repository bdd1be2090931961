"""The errors that cptkit raises: one tree, so that one ``except`` catches them all.

Every error says what was given, what was expected, the nearest known values and where to
look, and carries these as attributes, so that a program need not read the sentence:

>>> error = UnknownCode("no such code in edition 2026.1", given="90835", near=("90834", "90832"))
>>> error.given, error.near
('90835', ('90834', '90832'))
>>> print(error)
no such code in edition 2026.1: '90835'; did you mean 90834 or 90832?

Errors of look-ups are ``LookupError``; errors of values are ``ValueError``:

>>> issubclass(UnknownCode, LookupError), issubclass(InvalidCode, ValueError)
(True, True)
"""

from collections.abc import Iterable, Sized
from typing import Any

__all__ = [
    "AmbiguousColumns",
    "BrokenColumnMap",
    "BrokenEdition",
    "BrokenEdits",
    "BrokenFacts",
    "BrokenLock",
    "BrokenProfile",
    "BrokenReport",
    "BrokenRules",
    "BrokenTables",
    "BrokenWaivers",
    "ContradictoryFile",
    "CptkitError",
    "DateOutsideEdition",
    "DigestMismatch",
    "EditsInUse",
    "InvalidChoice",
    "InvalidClaim",
    "InvalidCode",
    "InvalidDate",
    "InvalidMinutes",
    "InvalidModifier",
    "InvalidQuarter",
    "InvalidReport",
    "InvalidSearch",
    "InvalidService",
    "InvalidTimeLog",
    "InvalidUnits",
    "InvalidWaiver",
    "LockMismatch",
    "NoTimeRule",
    "NotInLog",
    "NotInstalled",
    "UnknownCode",
    "UnknownColumnMap",
    "UnknownEdition",
    "UnknownFamily",
    "UnknownLayout",
    "UnknownModifier",
    "UnknownProfile",
    "UnknownRule",
    "UnknownTable",
    "UnknownZone",
    "UnreadableClaims",
    "UnreadableFile",
    "nearest",
    "nearly",
]

_SHORTEST_MEANT = 4  # shorter names are like too many words

_SHOWN = 20  # elements of a list that a message still shows


class CptkitError(Exception):
    """The root of the tree; ``except CptkitError`` catches everything cptkit raises on purpose.

    Attributes: ``message`` (what is wrong), ``given`` (the offending value, or None), ``expected``
    (what would have been right), ``near`` (known values like the given one) and ``where``
    (a file, line or command to look at).

    >>> raise CptkitError("cannot do that", given=3, expected="an even number", where="the docs")
    Traceback (most recent call last):
    ...
    cptkit.errors.CptkitError: cannot do that: 3; expected an even number; see the docs
    """

    def __init__(
        self,
        message: str,
        *,
        given: object = None,
        expected: str | None = None,
        near: Iterable[str] = (),
        where: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message: str = message
        self.given: object = given
        self.expected: str | None = expected
        self.near: tuple[str, ...] = tuple(near)
        self.where: str | None = where

    def __str__(self) -> str:
        text = self.message
        if self.given is not None:
            text += f": {_shown(self.given)}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.near:
            text += f"; did you mean {' or '.join(self.near)}?"
        if self.where:
            text += f"; see {self.where}" if not text.endswith("?") else f" See {self.where}"
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments are lost by the default pickling of exceptions; they travel as state.
        return (type(self), (self.message,), self.__dict__)


def _shown(given: object) -> str:
    """The value; of claims, lines, tables and long lists what it is alone: they hold data of patients."""
    is_told = not _is_compound(given)
    if isinstance(given, dict | list | tuple | set | frozenset):
        values = given.values() if isinstance(given, dict) else given
        is_told = len(given) <= _SHOWN and not any(map(_is_compound, values))
    if is_told:
        return repr(given)
    name = type(given).__name__
    many = f" of {len(given)}" if isinstance(given, Sized) else ""
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}{many}"


def _is_compound(given: object) -> bool:
    return hasattr(given, "__attrs_attrs__") or (
        isinstance(given, Sized) and not isinstance(given, str | bytes)
    )


class InvalidCode(CptkitError, ValueError):
    """The text cannot be a CPT or HCPCS code; the message says which part is wrong."""


class InvalidModifier(CptkitError, ValueError):
    """The text cannot be a modifier: two characters, letters or digits."""


class InvalidService(CptkitError, ValueError):
    """The text is not a code followed by modifiers."""


class InvalidUnits(CptkitError, ValueError):
    """Units are not a whole number of at least one."""


class InvalidChoice(CptkitError, ValueError):
    """An argument is none of the words that may be chosen, such as a basis; these are named."""


class InvalidClaim(CptkitError, ValueError):
    """A claim, or a description of one, is not built as claims are."""


class InvalidWaiver(CptkitError, ValueError):
    """A waiver is not built as waivers are, or there is no day to judge it by."""


class InvalidDate(CptkitError, TypeError, ValueError):
    """A date of service is a ``datetime.date``, without a time of day."""


class InvalidMinutes(CptkitError, ValueError):
    """Minutes are whole completed minutes of one day: 0 to 1,440."""


class InvalidQuarter(CptkitError, ValueError):
    """The text is no quarter of a year such as 2024q3, nor a CMS version such as v302."""


class InvalidReport(CptkitError, TypeError):
    """Something else was given where a ``cptkit.Report`` is needed, or what a check or a count of a table answers."""


class InvalidSearch(CptkitError, ValueError):
    """There is nothing to search for, or the limit is no number of results."""


class InvalidTimeLog(CptkitError, ValueError):
    """A session log, an interval of one or a window over one cannot be as it was written."""


class NotInstalled(CptkitError, ImportError):
    """What was asked for needs a package that is not installed; the extra that brings it is named."""


class UnknownCode(CptkitError, KeyError):
    """The code is well formed, but not among those the edition covers."""


class UnknownColumnMap(CptkitError, LookupError):
    """No bundled column map has that id, and no file is there."""


class UnknownModifier(CptkitError, KeyError):
    """The modifier is well formed, but not on the edition's list."""


class UnknownEdition(CptkitError, LookupError):
    """No such edition is bundled or installed."""


class UnknownFamily(CptkitError, LookupError):
    """No family of codes or of time rules has that name."""


class UnknownTable(CptkitError, LookupError):
    """An edition has no table of that name."""


class UnknownRule(CptkitError, LookupError):
    """No rule has that id, name or prefix."""


class UnknownProfile(CptkitError, LookupError):
    """No bundled profile has that id, and no file is there."""


class NoTimeRule(CptkitError, LookupError):
    """No time rule answers for that code or family on that date under that basis."""


class NotInLog(CptkitError, LookupError):
    """A session log holds no interval of that activity or clinician."""


class UnknownZone(CptkitError, LookupError):
    """No time zone has that name."""


class DateOutsideEdition(CptkitError, LookupError):
    """The date of service lies after the last day of the edition asked."""


class DigestMismatch(CptkitError):
    """An edition is not the one that was pinned, or a byte of it changed; both digests are named."""


class BrokenEdition(CptkitError):
    """An edition's files contradict its manifest or each other."""


class BrokenEdits(CptkitError):
    """The files of edit tables contradict their manifest, each other or their own format."""


class EditsInUse(CptkitError):
    """Another process is writing to the same edit tables."""


class BrokenFacts(CptkitError):
    """A facts file breaks its schema; file and path within it are named."""


class BrokenTables(CptkitError):
    """Tables of one's own cannot become an edition; every problem is named with file and line."""


class BrokenRules(CptkitError):
    """The rules of another package cannot be read or loaded; the package is named."""


class BrokenLock(CptkitError, ValueError):
    """A lock file cannot be read as one; every problem is named with its line."""


class BrokenReport(CptkitError, ValueError):
    """What should be a written report is none; the place in it is named, and what is wrong there."""


class BrokenProfile(CptkitError, ValueError):
    """A profile breaks its format, or two say otherwise; every problem of a file is named with its line."""


class BrokenColumnMap(CptkitError, ValueError):
    """A column map breaks its format; every problem of a file is named with its line."""


class BrokenWaivers(CptkitError, ValueError):
    """A file of waivers breaks its format; every problem is named with its line."""


class LockMismatch(DigestMismatch):
    """What is here is not what a lock file names; every edition missing or changed is named."""


class UnreadableClaims(CptkitError):
    """A file of claim lines cannot be read at all."""


class AmbiguousColumns(UnreadableClaims):
    """Two columns may hold one thing, or two column maps fit equally; ``near`` names the candidates."""


class UnreadableFile(CptkitError):
    """A file or archive cannot be read as one that CMS or the AMA publishes; it says what it looks like."""


class UnknownLayout(UnreadableFile):
    """The file can be read, but its content is none of the layouts that cptkit knows."""


class ContradictoryFile(UnreadableFile):
    """A file's content, its name and what was said of it disagree about its setting or its quarter."""


def nearest(given: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """The known values most like the given one, best first, for the ``near`` of an error.

    >>> nearest("9O834", ["90834", "90837", "99213"])
    ('90834', '90837')
    >>> nearest("hello", ["90834"])
    ()
    """
    import difflib  # only an error needs it

    like = difflib.get_close_matches(given, list(known), n=4 * limit, cutoff=0.6)
    # sorted keeps the order of likeness among those that start alike: numbers near 90835 are near codes
    return tuple(sorted(like, key=lambda word: -_shared_start(given, word))[:limit])


def nearly(given: str, known: Iterable[str]) -> str | None:
    """The known value of which the given one is a slip of the pen; None where there is none.

    A slip is one character more, less or other, or two that changed places; digits tell one thing from another.

    >>> nearly("minute", ["minutes", "units"]), nearly("minuets", ["minutes"]), nearly("modifier6", ["modifier5"])
    ('minutes', 'minutes', None)
    """
    return next((each for each in known if len(each) >= _SHORTEST_MEANT and _is_slip(given, each)), None)


def _is_slip(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    start = _shared_start(one, other)
    one, other = one[start:], other[start:]
    end = _shared_start(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    is_short = (len(one) <= 1 and len(other) <= 1) or (len(one) == 2 and one == other[::-1])
    return is_short and not any(map(str.isdigit, one + other))


def _shared_start(one: str, other: str) -> int:
    """How many characters two words share from the start."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
