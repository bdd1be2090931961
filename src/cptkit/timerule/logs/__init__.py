"""Session logs: what was done when, as intervals; and the minutes that follow from them.

A ``TimeLog`` answers in whole completed minutes, which are what ``timerule.select`` and
``timerule.allocate`` take. Breaks, overlaps, midnight and the nights on which clocks change are in
``timelog``; windows of several days in ``windows``.
"""

from cptkit.timerule.logs.intervals import BREAK, Interval
from cptkit.timerule.logs.stretches import Stretch
from cptkit.timerule.logs.timelog import TimeLog
from cptkit.timerule.logs.windows import DeviceWindow, OnlineWindow, device_windows, online_windows

__all__ = [
    "BREAK",
    "DeviceWindow",
    "Interval",
    "OnlineWindow",
    "Stretch",
    "TimeLog",
    "device_windows",
    "online_windows",
]


def __dir__() -> list[str]:
    return __all__
