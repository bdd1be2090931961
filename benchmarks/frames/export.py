"""The rows of ``tables.py``, and what the bundled editions say besides, as Parquet for SQL.

``sql/plain`` has codes as text, dates, and for each row the quarters whose tables hold it (by
``Quarter.index``). ``sql/ids`` has what somebody prepares once who writes queries with care: codes as small
integers, both codes of a pair as one key, and for each row the days on which it is the one that answers, so that
no quarter has to be asked for.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from facts import Facts, columns_of
from period import ENDS, FOREVER, LAST, PAIR_BITS, QUARTERS, REASONS, STARTS

from cptkit.edits import Setting
from cptkit.edits.pairs import EPOCH, NEVER_ENDS


def write_sql(tables: Any, folder: Path) -> None:
    """``sql/plain``, ``sql/ids`` and ``codes.parquet``; ``tables`` is what ``tables.made`` gave."""
    facts = Facts(tables.codes)
    known = sorted({*tables.codes, *facts.known})
    number = {code: place for place, code in enumerate(known)}
    if len(known) > 1 << PAIR_BITS:
        raise ValueError(f"{len(known):,} codes are more than the key of a pair holds")
    moved = np.array([number[code] for code in tables.codes], np.int32)
    _write_pairs(tables, folder, moved)
    least = _write_limits(tables, folder, moved)
    addons = _write_addons(tables, facts, folder, number)
    spans = facts.out_of_force()
    _put(
        folder,
        "plain/not_in_force",
        code=_texts(spans[0]),
        first_day=_days(spans[1]),
        last_day=_days(spans[2]),
    )
    _put(folder, "ids/not_in_force", id=_ids(spans[0], number), first=_ints(spans[1]), last=_ints(spans[2]))
    wrong = facts.misplaced(known)
    _put(
        folder, "plain/misplaced", code=_texts(wrong[0]), modifier=_texts(wrong[1]),
        first_day=_days(wrong[2]), last_day=_days(wrong[3]),
    )  # fmt: skip
    _put(
        folder, "ids/misplaced", id=_ids(wrong[0], number), modifier=_texts(wrong[1]),
        first=_ints(wrong[2]), last=_ints(wrong[3]),
    )  # fmt: skip
    said = list(zip(*facts.modifiers(), strict=True))
    _put(
        folder, "plain/modifiers",
        modifier=_texts(said[0]), bypass=pa.array(said[1]), site=pa.array(said[2]), separate=pa.array(said[3]),
    )  # fmt: skip
    asked_for = np.zeros(len(known), bool)
    asked_for[_ids(sorted({*spans[0]}), number).to_numpy()] = True
    _put(
        folder, "ids/codes", code=_texts(known), id=_ints(np.arange(len(known))), least_limit=_ints(least(len(known))),
        is_addon=pa.array([code in addons for code in known]), is_dated=pa.array(asked_for),
    )  # fmt: skip
    _put(
        folder,
        "../codes",
        code=_texts(tables.codes),
        rank=_ints(tables.rank),
        limit=_ints(tables.value[:, 0]),
    )


def _write_pairs(tables: Any, folder: Path, moved: np.ndarray) -> None:
    pairs, base = tables.pairs, QUARTERS[0].index
    exclusive = np.array([text.startswith("mutually exclusive") for text in REASONS])[pairs.reason]
    split = (pairs.end_known > pairs.known) & (pairs.last != NEVER_ENDS)  # told without an end at first
    rows = [(~split, pairs.last, pairs.known, LAST)]
    rows += [(split, np.full_like(pairs.last, NEVER_ENDS), pairs.known, pairs.end_known - 1)]
    rows += [(split, pairs.last, pairs.end_known, LAST)]
    parts = [
        (pairs.one[w], pairs.other[w], pairs.indicator[w], pairs.first[w], last[w], known_[w],
         np.broadcast_to(until, w.shape)[w], exclusive[w])
        for w, last, known_, until in rows
    ]  # fmt: skip
    one, other, indicator, first, last, since, until, exclusive_ = map(
        np.concatenate, zip(*parts, strict=True)
    )
    texts = _texts(tables.codes)
    _put(
        folder, "plain/ptp", column1=texts.take(pa.array(one)), column2=texts.take(pa.array(other)),
        indicator=pa.array(indicator), first_day=_days(first), last_day=_days(last), exclusive=pa.array(exclusive_),
        first_quarter=_ints(base + since.astype(np.int32)), last_quarter=_ints(base + until.astype(np.int32)),
    )  # fmt: skip
    # the days on which the table of the quarter of that day holds the row, and holds it in force
    begins = np.maximum(pairs.first, STARTS[pairs.known])
    before = ENDS[np.maximum(pairs.end_known, 1) - 1]
    ends = np.where(pairs.end_known > pairs.known, np.maximum(pairs.last, before), pairs.last)
    keep = (pairs.indicator != 9) & (ends >= STARTS[0]) & (begins <= ENDS[LAST]) & (begins <= ends)
    one, other = moved[pairs.one][keep], moved[pairs.other][keep]
    key = np.minimum(one, other) << PAIR_BITS | np.maximum(one, other)
    what = (one > other) | (pairs.indicator[keep] == 1) << 1 | exclusive[keep].astype(np.int8) << 2
    order = np.argsort(key, kind="stable")
    _put(
        folder, "ids/ptp", key=_ints(key[order]), first=_ints(begins[keep][order]),
        last=_ints(np.minimum(ends[keep], FOREVER)[order]), what=pa.array(what[order].astype(np.int8)),
    )  # fmt: skip


def _write_limits(tables: Any, folder: Path, moved: np.ndarray) -> Callable[[int], np.ndarray]:
    code, place = np.nonzero(tables.value >= 0)
    value, mai = tables.value[code, place], tables.mai[code, place]
    quarters = np.array([quarter.index for quarter in QUARTERS])
    _put(
        folder, "plain/mue", code=_texts(tables.codes).take(pa.array(code)), quarter=_ints(quarters[place]),
        value=_ints(value), mai=_ints(mai),
    )  # fmt: skip
    goes_on = (code[1:] == code[:-1]) & (place[1:] == place[:-1] + 1)
    goes_on &= (value[1:] == value[:-1]) & (mai[1:] == mai[:-1])
    starts = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    stops = np.concatenate([starts[1:], [len(code)]]) - 1
    _put(
        folder, "ids/mue", id=_ints(moved[code[starts]]), first=_ints(STARTS[place[starts]]),
        last=_ints(ENDS[place[stops]]), value=_ints(value[starts]), mai=_ints(mai[starts]),
    )  # fmt: skip

    def least(count: int) -> np.ndarray:
        """The least limit of a code in the period, by its number; as good as none where it has none."""
        found = np.full(count, 2**31 - 1, np.int32)
        np.minimum.at(found, moved[code], value)
        return found

    return least


def _write_addons(tables: Any, facts: "Facts", folder: Path, number: dict[str, int]) -> set[str]:
    rows, spans = tables.addons, tables.addon_quarters
    ends = [
        min((d for d in (r.last_day, r.addon_last_day, r.primary_last_day) if d), default=None) for r in rows
    ]
    last = [FOREVER if end is None else end.toordinal() - EPOCH for end in ends]
    first = [row.first_day.toordinal() - EPOCH for row in rows]
    counts = pa.array([row.counts(Setting.PRACTITIONER) for row in rows])
    # the primary of an add-on of a month may stand on another day: it is not judged, as that of an open list
    primaries: dict[str, set[str | None]] = {}
    for row in rows:
        primaries.setdefault(row.addon, set()).add(row.primary)
    of_month = facts.of_month(primaries)
    is_open = pa.array([row.primary is None or row.edit_type != 1 or row.addon in of_month for row in rows])
    addon, primary = [row.addon for row in rows], [row.primary for row in rows]
    _put(
        folder, "plain/addons", addon=_texts(addon), primary=_texts(primary), is_open=is_open, counts=counts,
        first_day=_days(first), last_day=_days(last), first_quarter=_ints([QUARTERS[a].index for a, _ in spans]),
        last_quarter=_ints([QUARTERS[b].index for _, b in spans]),
    )  # fmt: skip
    begins = np.maximum(first, [STARTS[a] for a, _ in spans])
    stops = np.minimum(last, [ENDS[b] for _, b in spans])
    # for each add-on the days on which it has rows, and whether its list is open then
    by_code: dict[str, list[tuple[int, int, bool]]] = {}
    for code, start, stop, opens in zip(
        addon, begins.tolist(), stops.tolist(), is_open.to_pylist(), strict=True
    ):
        if start <= stop:
            by_code.setdefault(code, []).append((start, stop, opens))
    when = columns_of([(code, *span) for code, spans in by_code.items() for span in _open_days(spans)], 4)
    _put(
        folder, "ids/addons", id=_ids(when[0], number), first=_ints(when[1]), last=_ints(when[2]),
        is_open=pa.array(when[3]),
    )  # fmt: skip
    # add-on and primary as the key of a pair, where the row names a primary here or may do so
    some = [(a, b, begin, stop)
            for a, b, begin, stop, said in zip(addon, primary, begins, stops, counts.to_pylist(), strict=True)
            if b is not None and said is not False and begin <= stop]  # fmt: skip
    own, theirs, begins, stops = columns_of(some, 4)
    days = {"first": _ints(begins), "last": _ints(stops)}
    _put(folder, "ids/primaries", id=_ids(own, number), carrier=_ids(theirs, number), **days)
    own, unjudged, begins, stops = facts.addons()
    _put(
        folder, "plain/edition_addons", addon=_texts(own), unjudged=pa.array(unjudged),
        first_day=_days(begins), last_day=_days(stops),
    )  # fmt: skip
    _put(
        folder, "ids/edition_addons", id=_ids(own, number), unjudged=pa.array(unjudged),
        first=_ints(begins), last=_ints(stops),
    )  # fmt: skip
    own, theirs, begins, stops = facts.primaries()
    days = {"first_day": _days(begins), "last_day": _days(stops)}
    _put(folder, "plain/edition_primaries", addon=_texts(own), primary=_texts(theirs), **days)
    days = {"first": _ints(begins), "last": _ints(stops)}
    _put(folder, "ids/edition_primaries", id=_ids(own, number), carrier=_ids(theirs, number), **days)
    return set(addon)


def _open_days(spans: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int, bool]]:
    """The days on which at least one of these spans holds, and whether an open one does."""
    edges = sorted({edge for first, last, _ in spans for edge in (first, last + 1)})
    for first, after in pairwise(edges):
        held = [is_open for begin, stop, is_open in spans if begin <= first <= stop]
        if held:
            yield first, after - 1, any(held)


def _texts(values: Any) -> pa.Array:
    return pa.array(values, pa.string())


def _ids(values: Any, number: dict[str, int]) -> pa.Array:
    return pa.array([number[value] for value in values], pa.int32())


def _ints(values: Any) -> pa.Array:
    return pa.array(np.asarray(values).astype(np.int32))


def _days(values: Any) -> pa.Array:
    return pa.array(np.minimum(np.asarray(values, np.int64), FOREVER).astype(np.int32)).cast(pa.date32())


def _put(folder: Path, name: str, **columns: pa.Array) -> None:
    path = folder / "sql" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, compression="zstd")
