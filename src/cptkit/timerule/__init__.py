"""From minutes to codes and units: which rule holds that day, what it answers, how sure it is.

Three questions:

- ``select``: minutes of one family, such as a session of psychotherapy or a visit. Which code, which
  add-ons, how far to the next?
- ``allocate``: minutes of several 15-minute codes of one day. How many units of each, under a policy?
- ``family`` and ``timed_family``: the rule itself, with its bands, for a program that asks often.

All take the date of service and the codeset, and hold nothing between calls. The arithmetic is in
``timerule.arithmetic``; every number of a rule comes from the codeset, with its source. What a first
version gets wrong: one midpoint for everything. Visits and their prolonged time need whole minutes,
codes in sequence take the nearer time, an add-on starts at the base's nominal time plus its own
midpoint, and Medicare's total differs from each code alone in both directions.

>>> import datetime as dt, cptkit
>>> from cptkit import UnitPolicy, timerule
>>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
>>> print(timerule.select("96158", minutes=40, date_of_service=day, codeset=codeset))
96158 + 96159
>>> print(timerule.allocate({"97112": 7, "97110": 7, "97140": 7}, policy=UnitPolicy.MEDICARE_TOTAL,
...                         date_of_service=day, codeset=codeset))
97112 or 97110 or 97140
"""

from cptkit.timerule.allocation import Allocation, allocate, is_pooled
from cptkit.timerule.rule import ChainFact, TimeRule
from cptkit.timerule.selection import Neighbour, Selection, select
from cptkit.timerule.tables import family, is_named, timed_family
from cptkit.timerule.values import Attainment, Kind, ServiceUnits, TimedCodeset, UnitPolicy

__all__ = [
    "Allocation",
    "Attainment",
    "ChainFact",
    "Kind",
    "Neighbour",
    "Selection",
    "ServiceUnits",
    "TimeRule",
    "TimedCodeset",
    "UnitPolicy",
    "allocate",
    "family",
    "is_named",
    "is_pooled",
    "select",
    "timed_family",
]


def __dir__() -> list[str]:
    return __all__
