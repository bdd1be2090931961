"""From minutes to codes and units: which rule holds that day, what it answers, how sure it is.

The questions:

- ``select``: minutes of one family, such as a session of psychotherapy or a visit. Which code, which
  add-ons, how far to the next?
- ``allocate``: minutes of several 15-minute codes of one day. How many units of each, under a policy?
  ``compare`` shows the policies side by side.
- ``minutes_for`` and ``supports``: the other way round. Which minutes does a code take, do these do?
- ``TimeLog``: the minutes of a log of start and stop times.
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

from typing import TYPE_CHECKING, Any

from cptkit.lazy import first_use
from cptkit.timerule.allocation import Allocation, Pool
from cptkit.timerule.comparison import Comparison, compare
from cptkit.timerule.counting import allocate, is_pooled
from cptkit.timerule.lookup import (
    counted_by_month,
    covers,
    families,
    family,
    is_named,
    principles,
    timed_family,
)
from cptkit.timerule.neighbour import Neighbour
from cptkit.timerule.outline import Band, Further, Outline, outline
from cptkit.timerule.reverse import MinuteSpan, Support, Verdict, minutes_for, supports
from cptkit.timerule.rule import ChainFact, Family, TimeRule
from cptkit.timerule.selection import Selection, select
from cptkit.timerule.tables import Principle
from cptkit.timerule.values import (
    Attainment,
    Kind,
    Leftover,
    Scope,
    ServiceUnits,
    TimedCodeset,
    UnitPolicy,
)

if TYPE_CHECKING:
    from cptkit.timerule.logs import BREAK, Interval, TimeLog, device_windows, online_windows
    from cptkit.timerule.pictures import time_bar

__all__ = [
    "BREAK",
    "Allocation",
    "Attainment",
    "Band",
    "ChainFact",
    "Comparison",
    "Family",
    "Further",
    "Interval",
    "Kind",
    "Leftover",
    "MinuteSpan",
    "Neighbour",
    "Outline",
    "Pool",
    "Principle",
    "Scope",
    "Selection",
    "ServiceUnits",
    "Support",
    "TimeLog",
    "TimeRule",
    "TimedCodeset",
    "UnitPolicy",
    "Verdict",
    "allocate",
    "compare",
    "counted_by_month",
    "covers",
    "device_windows",
    "families",
    "family",
    "is_named",
    "is_pooled",
    "minutes_for",
    "online_windows",
    "outline",
    "principles",
    "select",
    "supports",
    "time_bar",
    "timed_family",
]

# Loaded when asked for: most programs keep no log and draw no picture.
_HOMES = {
    "BREAK": "logs",
    "Interval": "logs",
    "TimeLog": "logs",
    "device_windows": "logs",
    "online_windows": "logs",
    "time_bar": "pictures",
}


def __getattr__(name: str) -> Any:
    return first_use(name, _HOMES, globals())


def __dir__() -> list[str]:
    return __all__
