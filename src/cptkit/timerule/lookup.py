"""The questions about time rules themselves: which one answers for a code, which ones there are."""

import datetime as dt
from collections.abc import Iterable

from cptkit.sources import Basis
from cptkit.timerule.rule import TimeRule
from cptkit.timerule.tables import Principle, tables_of
from cptkit.timerule.values import TimedCodeset, check_day

__all__ = [
    "counted_by_month",
    "covers",
    "families",
    "family",
    "is_named",
    "principles",
    "resolve",
    "timed_family",
]


def resolve(text: str, day: dt.date, codeset: TimedCodeset, basis: Basis) -> TimeRule:
    """The rule that answers; the errors of ``family``."""
    tables = tables_of(codeset)
    check_day(day)
    found = tables.find(text, day, basis)
    if found is None:
        raise tables.why_not(text, day, basis)
    return found


def family(
    code_or_family: str, *, date_of_service: dt.date, codeset: TimedCodeset, basis: Basis = Basis.CPT
) -> TimeRule:
    """The time rule that answers for a code or a family on a day, with its thresholds and its source.

    :param code_or_family: a code of a family (``90834``) or the id of one (``psychotherapy``); case and
        blanks around it are forgiven.
    :param date_of_service: the day the rule is taken of.
    :param codeset: the edition that is asked.
    :param basis: whose policy. Where Medicare has no row, the code set's own rule answers and the
        rule's ``basis`` says so.
    :raises NoTimeRule: no rule on that day under that basis, a code that goes on top of several others,
        or a well-formed code without a time rule.
    :raises UnknownCode: the text is neither shaped as a code nor the id of a family.
    :raises DateOutsideEdition: the day lies after the edition's last day.

    Source: the rule's ``citation`` and those of its ``chain``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> rule = timerule.family("90837", date_of_service=day, codeset=codeset)
    >>> rule.codes, rule.scope.value, rule.band("90837")
    (('90832', '90834', '90837'), 'session', (53, None))
    >>> timerule.family("psychotherpy", date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownCode: neither a code nor a family of time rules of edition 2026.1: 'psychotherpy'...
    """
    return resolve(code_or_family, date_of_service, codeset, Basis(basis))


def families(codeset: TimedCodeset) -> tuple[str, ...]:
    """The ids of all families of time rules of a codeset, also of those that have ended by now.

    >>> import cptkit
    >>> from cptkit import timerule
    >>> ids = timerule.families(cptkit.codeset("2026.1"))
    >>> "psychotherapy" in ids, "hospital-initial" in ids
    (True, True)
    >>> timerule.families("2026.1")
    Traceback (most recent call last):
    ...
    TypeError: codeset is a cptkit.Codeset, as cptkit.codeset('2026.1') gives one, not '2026.1'
    """
    return tuple(tables_of(codeset).families)


def principles(codeset: TimedCodeset) -> tuple[Principle, ...]:
    """The general rules of time that a codeset holds, each with its source.

    >>> import cptkit
    >>> from cptkit import timerule
    >>> [each.title for each in timerule.principles(cptkit.codeset("2026.1"))][-1]
    'a minute counts once'
    >>> timerule.principles("2026.1")
    Traceback (most recent call last):
    ...
    TypeError: codeset is a cptkit.Codeset, as cptkit.codeset('2026.1') gives one, not '2026.1'
    """
    return tables_of(codeset).principles


def is_named(code: str, date_of_service: dt.date, codeset: TimedCodeset, basis: Basis = Basis.CPT) -> bool:
    """Whether a time rule of the day names the code, also one that several visits may carry.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> [timerule.is_named(code, day, codeset) for code in ("90834", "99417", "99050")]
    [True, True, False]
    """
    tables = tables_of(codeset)
    if tables.find(code, check_day(date_of_service), basis) is not None:
        return True
    bases = [after for after, _ in tables.hung_on.get(code, ())]
    rules = [tables.find(after, date_of_service, basis) for after in bases]
    return any(rule is not None and code in rule.codes for rule in rules)


def covers(code: str, codeset: TimedCodeset) -> bool:
    """Whether any time rule of an edition names a code, on whatever day and under whichever basis.

    >>> import cptkit
    >>> codeset = cptkit.codeset("2026.1")
    >>> [covers(code, codeset) for code in ("90834", "99417", "11042")]
    [True, True, False]
    >>> covers(90834, codeset)
    Traceback (most recent call last):
    ...
    TypeError: a code or a family is text, not int: 90834
    """
    return tables_of(codeset).name(code) is not None


def counted_by_month(
    code: str, among: Iterable[str], *, date_of_service: dt.date, codeset: TimedCodeset
) -> bool:
    """Whether the time of a code is summed over the calendar month on a day, under either basis.

    ``among``: the codes whose time rules are asked. One that goes on top of several families has no time rule of its
    own, but stands in those of its primaries.

    >>> import datetime as dt, cptkit
    >>> asked = {"date_of_service": dt.date(2026, 3, 2), "codeset": cptkit.codeset("2026.1")}
    >>> [counted_by_month(code, [code], **asked) for code in ("99439", "90834", "11042")]
    [True, False, False]
    >>> counted_by_month(90834, [], **asked)
    Traceback (most recent call last):
    ...
    TypeError: a code or a family is text, not int: 90834
    """
    return tables_of(codeset).is_by_month(code, among, check_day(date_of_service))


def timed_family(
    code: str, date_of_service: dt.date, codeset: TimedCodeset, basis: Basis = Basis.CPT
) -> TimeRule | None:
    """The same rule as ``family`` gives, or None where that would raise: for rules over many lines.

    :raises TypeError: the code is no text; InvalidDate, the date of service is no date.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> timerule.timed_family("90834", day, codeset).id
    'psychotherapy'
    >>> timerule.timed_family("00000", day, codeset) is None
    True
    >>> timerule.timed_family("90834", "2026-03-02", codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidDate: the date of service is not a date: '2026-03-02'; expected a datetime.date
    """
    return tables_of(codeset).find(code, check_day(date_of_service), basis)
