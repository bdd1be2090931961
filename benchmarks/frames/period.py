"""What tables, lines and queries share: the period, its editions and quarters, and the modifiers on lines."""

import datetime as dt

import numpy as np

from cptkit.edits import Quarter
from cptkit.edits.pairs import EPOCH

EDITIONS = ("2024.1", "2025.1", "2026.1")
QUARTERS = tuple(Quarter.from_index(index) for index in range(Quarter(2024, 1).index, Quarter(2026, 1).index))
STARTS = np.array([quarter.first_day.toordinal() - EPOCH for quarter in QUARTERS], np.int32)
ENDS = np.array([quarter.last_day.toordinal() - EPOCH for quarter in QUARTERS], np.int32)
REASONS = ("mutually exclusive, in own words", *(f"own words, reason {number}" for number in range(11)))
LAST = len(QUARTERS) - 1
PAIR_BITS = 14  # of a code in the key of a pair
FOREVER = dt.date(9999, 12, 31).toordinal() - EPOCH
_MODIFIERS = """
25 59 XS XE XP XU 95 RT LT GP GN GO 50 76 77 91 24 57 26 TC KX GT 93 51 52 58 78 79
E1 E2 F1 F2 FA TA T1 GA HO AJ CQ 27 LC RC LD
"""
MODIFIERS = tuple(_MODIFIERS.split())
"""Those that lines may have."""
