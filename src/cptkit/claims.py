"""Lines, claims and encounters: what was billed, as plain values.

A line keeps what was written, right or wrong: judging it is the rules' work, and a malformed code
must not hide what is wrong with the line beside it. So building a line refuses only what no
answer can be given about, a missing or impossible date of service.

>>> visit = Line("99214", modifiers="25", date_of_service=dt.date(2026, 3, 2), rendering_provider="N1")
>>> therapy = Line("90836", minutes=45, date_of_service=dt.date(2026, 3, 2), rendering_provider="N1")
>>> claim = Claim((visit, therapy), id="C-1", patient="P-7")
>>> [line.id for line in claim.lines]
['1', '2']
>>> [len(encounter.lines) for encounter in claim.encounters()]
[2]
>>> Line("90834", date_of_service="2026-03-02")
Traceback (most recent call last):
...
cptkit.errors.InvalidClaim: the date of service is not a date: '2026-03-02'; expected a datetime.date
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.codes import clean
from cptkit.errors import InvalidClaim
from cptkit.modifiers import Service, split_modifiers
from cptkit.setting import Setting

if TYPE_CHECKING:
    from cptkit.history import Past

__all__ = ["Claim", "Encounter", "Line", "known_line"]


def _code_text(given: Any) -> str:
    if not isinstance(given, str):
        raise InvalidClaim("a code is text", given=given, expected="five characters such as '90834'")
    return clean(given)


def _modifier_texts(given: Any) -> tuple[str, ...]:
    if given is None:  # as an empty cell of a table comes
        return ()
    if not isinstance(given, str):
        try:
            given = tuple(given)
        except TypeError:
            given = (given,)  # refused below, with the value
        for part in given:
            if not isinstance(part, str):
                raise InvalidClaim("a modifier is text", given=part, expected="two characters such as '95'")
    return split_modifiers(given) if given else ()


def _is_date(_line: Any, attribute: Any, given: Any) -> None:
    # A datetime is a date to isinstance, yet compares with none: refuse it here, not in a rule.
    if not isinstance(given, dt.date) or isinstance(given, dt.datetime):
        what = "the day of filing" if attribute.name == "filed" else "the date of service"
        message = f"{what} is not a date"
        raise InvalidClaim(message, given=given, expected="a datetime.date")


def _is_whole(_line: Any, attribute: Any, given: Any) -> None:
    if not isinstance(given, int) or isinstance(given, bool):
        message = f"{attribute.name} is not a whole number"
        raise InvalidClaim(message, given=given, expected="an int")


def _is_clock_time(_line: Any, attribute: Any, given: Any) -> None:
    if not isinstance(given, dt.time):
        raise InvalidClaim(f"{attribute.name} is not a time of day", given=given, expected="a datetime.time")


def _local(given: Any) -> Any:
    """A clock time without the zone it names: the lines of a claim have local times, which are compared."""
    return given.replace(tzinfo=None) if isinstance(given, dt.time) else given


def _is_text(_line: Any, attribute: Any, given: Any) -> None:
    if not isinstance(given, str):
        raise InvalidClaim(f"{attribute.name} is not text", given=given, expected="a str")


def _setting(given: Any) -> Setting:
    try:
        return Setting(given)
    except ValueError:
        expected = f"one of {', '.join(Setting)}"
        raise InvalidClaim("not a setting of edit tables", given=given, expected=expected) from None


_optional = attrs.validators.optional


@attrs.frozen(slots=True)
class Line:
    """A service on a claim.

    :param code: the code as written; trimmed and upper-cased, otherwise kept.
    :param date_of_service: the day the line is judged by; required.
    :param modifiers: a tuple, or one text with separators; kept in order.
    :param units: whole units as billed; zero and negative are kept for a rule to report.
    :param minutes: whole completed minutes of this service, or None when not documented.
    :param start, stop: local clock times of the session, whatever zone they name; one without the other is
        no time. A stop at or before the start is read as past midnight.
    :param place_of_service, rendering_provider, charge: as billed, or None.
    :param id: how reports name the line; by default its place in the claim, from 1.
    :raises InvalidClaim: for a value of another type than these: a date that is no date, minutes
        that are no int.

    >>> line = Line("90834", modifiers="95 HO", minutes=47, date_of_service=dt.date(2026, 3, 2))
    >>> str(line.service), line.units
    ('90834-95-HO', 1)
    >>> Line("90834", minutes=47.5, date_of_service=dt.date(2026, 3, 2))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: minutes is not a whole number: 47.5; expected an int
    """

    code: str = attrs.field(converter=_code_text)
    date_of_service: dt.date = attrs.field(kw_only=True, validator=_is_date)
    modifiers: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_modifier_texts)
    units: int = attrs.field(default=1, kw_only=True, validator=_is_whole)
    minutes: int | None = attrs.field(default=None, kw_only=True, validator=_optional(_is_whole))
    start: dt.time | None = attrs.field(
        default=None, kw_only=True, converter=_local, validator=_optional(_is_clock_time)
    )
    stop: dt.time | None = attrs.field(
        default=None, kw_only=True, converter=_local, validator=_optional(_is_clock_time)
    )
    place_of_service: str | None = attrs.field(default=None, kw_only=True)
    rendering_provider: str | None = attrs.field(default=None, kw_only=True, validator=_optional(_is_text))
    charge: Decimal | None = attrs.field(default=None, kw_only=True)
    id: str = attrs.field(default="", kw_only=True, validator=_is_text)

    @property
    def service(self) -> Service:
        """The code with its modifiers."""
        return Service(self.code, self.modifiers)

    @property
    def documented_minutes(self) -> int | None:
        """The minutes, or else the whole minutes from start to stop, or None when neither is there.

        >>> day = dt.date(2026, 3, 2)
        >>> Line("90834", start=dt.time(23, 30), stop=dt.time(0, 17), date_of_service=day).documented_minutes
        47
        """
        return self.clock_minutes if self.minutes is None else self.minutes

    @property
    def clock_minutes(self) -> int | None:
        """The whole minutes from start to stop, or None when one of them is missing."""
        if self.start is None or self.stop is None:
            return None
        seconds = _seconds(self.stop) - _seconds(self.start)
        return (seconds if seconds > 0 else seconds + 24 * 3600) // 60


def _seconds(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second


_SET_FIELDS: tuple[Any, ...] = tuple(getattr(Line, field.name).__set__ for field in attrs.fields(Line))


def known_line(
    code: str,
    date_of_service: dt.date,
    modifiers: tuple[str, ...],
    *,
    units: int = 1,
    minutes: int | None = None,
    start: dt.time | None = None,
    stop: dt.time | None = None,
    place_of_service: str | None = None,
    charge: Decimal | None = None,
    id: str,  # noqa: A002 - as the line's
) -> Line:
    """A line without a clinician, of values that are known to be what ``Line`` makes of them.

    Nothing is converted, and nothing is checked: this is for those who make lines by the hundred thousand, of texts
    that were read before.

    >>> day = dt.date(2026, 3, 2)
    >>> line = known_line("90834", day, ("95",), minutes=47, id="1")
    >>> line == Line("90834", modifiers="95", minutes=47, date_of_service=day, id="1")
    True
    >>> known_line("90834")
    Traceback (most recent call last):
    ...
    TypeError: known_line() missing 2 required positional arguments: 'date_of_service' and 'modifiers'
    """
    line = object.__new__(Line)
    # in the order of the fields
    values = (
        *(code, date_of_service, modifiers, units, minutes, start, stop),
        *(place_of_service, None, charge, id),
    )
    for set_field, value in zip(_SET_FIELDS, values, strict=True):
        set_field(line, value)
    return line


@attrs.frozen(slots=True)
class Encounter:
    """The lines of one patient, one rendering provider and one date of service.

    ``claim`` is the id of the claim the lines stand on. ``elsewhere`` are codes of the patient and
    day that may belong to the encounter too: on lines without a clinician, or on another claim.
    ``incomplete``: a line of the claim was lost before it could be read. ``setting``: whose edit
    tables judge it. ``beside``: the lines of the claim and day that are not of the encounter, as other
    clinicians gave them. ``past``: the other lines of the patient, where a history was given. ``of_claim``:
    all lines of the claim, those of other days too. ``filed``: the day of filing of the claim, where it is
    known. ``days_apart``: nobody looked at other days, and ``of_claim`` is of this one alone.
    ``Claim.encounters`` makes them.

    >>> day = dt.date(2026, 3, 2)
    >>> (encounter,) = Claim([Line("90834", date_of_service=day)], id="C-1").encounters()
    >>> encounter.claim, encounter.date_of_service == day, len(encounter.lines)
    ('C-1', True, 1)
    >>> Encounter(day)
    Traceback (most recent call last):
    ...
    TypeError: Encounter.__init__() missing 2 required positional arguments: 'rendering_provider' and 'lines'
    """

    date_of_service: dt.date
    rendering_provider: str | None
    lines: tuple[Line, ...]
    claim: str = ""
    elsewhere: frozenset[str] = frozenset()
    incomplete: bool = False
    setting: Setting = Setting.PRACTITIONER
    past: "Past | None" = attrs.field(default=None, eq=False, repr=False)
    beside: tuple[Line, ...] = attrs.field(default=(), repr=False)
    of_claim: tuple[Line, ...] = attrs.field(default=(), eq=False, repr=False)
    filed: dt.date | None = None
    days_apart: bool = False


def several(given: Any, kind: type, message: str, expected: str) -> tuple[Any, ...]:
    """What is given as several values of a kind; refused where it is one of them, a text or a path."""
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | kind):
        raise InvalidClaim(message, given=given, expected=expected)
    return tuple(given)


def _numbered(lines: Any) -> tuple[Line, ...]:
    numbered = []
    taken: set[str] = set()
    expected = "a list of cptkit.Line values, be it of one"
    for place, given in enumerate(several(lines, Line, "a claim is made of lines", expected), start=1):
        if not isinstance(given, Line):
            raise InvalidClaim("a claim is made of lines", given=given, expected="cptkit.Line values")
        line = given if given.id else attrs.evolve(given, id=str(place))
        if line.id in taken:
            message = "two lines of a claim have the same id"
            raise InvalidClaim(
                message, given=line.id, expected="an id of its own for each line, or none at all"
            )
        taken.add(line.id)
        numbered.append(line)
    return tuple(numbered)


@attrs.frozen(slots=True)
class Claim:
    """Lines of one patient and billing provider.

    :param lines: in the order billed; a line without an id is named by its place, from 1.
    :param id, patient, billing_provider: as billed. They name things in reports, and tell which claims are
        of one patient and group; blanks around a patient's id make no other patient, case does.
    :param setting: whose edit tables judge it: of practitioners, outpatient hospitals (``hospital``) or
        equipment suppliers (``dme``).
    :param filed: the day the claim was or will be filed, or None when it is not known.
    :raises InvalidClaim: when two lines have the same id, something else than a line is given, the
        setting is none, or ``filed`` is no date.

    >>> day = dt.date(2026, 3, 2)
    >>> Claim([Line("90834", date_of_service=day, id="a"), Line("90785", date_of_service=day, id="a")])
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: two lines of a claim have the same id: 'a'; expected an id of its own for each line, or none at all
    """

    lines: tuple[Line, ...] = attrs.field(converter=_numbered)
    id: str = attrs.field(default="", kw_only=True, validator=_is_text)
    patient: str = attrs.field(default="", kw_only=True)
    billing_provider: str = attrs.field(default="", kw_only=True)
    setting: Setting = attrs.field(default=Setting.PRACTITIONER, kw_only=True, converter=_setting)
    filed: dt.date | None = attrs.field(default=None, kw_only=True, validator=_optional(_is_date))

    def encounters(self) -> tuple[Encounter, ...]:
        """The lines grouped by date of service and rendering provider, in an order of their own.

        The order depends on dates, providers and line ids only, never on the order of the lines,
        so that neither does a report. Lines without a rendering provider form one group a day. A
        hospital and a supplier bill as one, whoever works there: their lines form one group a day.
        """
        groups: dict[tuple[dt.date, str], list[Line]] = {}
        apart = self.setting is Setting.PRACTITIONER
        for line in self.lines:
            key = (line.date_of_service, provider_key(line) if apart else "")
            groups.setdefault(key, []).append(line)
        ordered = sorted(groups.items()) if len(groups) > 1 else groups.items()
        return tuple(
            Encounter(
                day,
                lines[0].rendering_provider if provider else None,
                tuple(sorted(lines, key=line_order) if len(lines) > 1 else lines),
                self.id,
                _unclear(day, provider, groups) if len(groups) > 1 else frozenset(),
                setting=self.setting,
                beside=_beside(day, provider, groups) if len(groups) > 1 else (),
                of_claim=self.lines,
                filed=self.filed,
            )
            for (day, provider), lines in ordered
        )


def provider_key(line: Line) -> str:
    """The rendering provider as files spell it: blanks around and case make no other clinician."""
    return (line.rendering_provider or "").strip().casefold()


def patient_key(claim: Claim) -> str:
    """The patient as files spell one: blanks around make no other patient; case does, as ids may differ by it."""
    return str(claim.patient or "").strip()


def group_key(claim: Claim) -> str:
    """The billing provider as files spell it: blanks around and case make no other group."""
    return str(claim.billing_provider or "").strip().casefold()


def _unclear(day: dt.date, provider: str, groups: Mapping[tuple[dt.date, str], list[Line]]) -> frozenset[str]:
    """Codes of the day on lines that may be this clinician's, because one side names none."""
    return frozenset(
        line.code
        for (other_day, other), lines in groups.items()
        if other_day == day and other != provider and not (other and provider)
        for line in lines
    )


def _beside(
    day: dt.date, provider: str, groups: Mapping[tuple[dt.date, str], list[Line]]
) -> tuple[Line, ...]:
    """The lines of the day in the other groups."""
    found = [
        line
        for (other_day, other), lines in groups.items()
        if other_day == day and other != provider
        for line in lines
    ]
    return tuple(sorted(found, key=line_order))


_NUMBERS = re.compile(r"(\d+)")


def line_order(line: Line) -> tuple[tuple[int, int, str], ...]:
    """A sorting key by line id, numbers as numbers: 2 before 10, L2 before L10."""
    return id_order(line.id)


@lru_cache(maxsize=4096)
def id_order(line_id: str) -> tuple[tuple[int, int, str], ...]:
    """As ``line_order``, for an id alone."""
    # Numbers by their length first, then by their digits: an id may have more digits than an int can
    # be read from. The id itself comes last, so that 1 and 01 have an order of their own too.
    parts = [
        (0, len(part.lstrip("0")), part.lstrip("0")) if part.isascii() and part.isdigit() else (1, 0, part)
        for part in _NUMBERS.split(line_id)
        if part
    ]
    return (*parts, (-1, 0, line_id))
