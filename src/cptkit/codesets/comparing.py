"""Comparing two editions row by row: what began, what ended, what became something else.

The module is not named ``diff``: it would hide the function ``codesets.diff`` once it is imported.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from cptkit.codesets.differences import CodeChange, Diff
from cptkit.codesets.names import edition_order
from cptkit.codesets.telling import Raw, Teller
from cptkit.codesets.tracks import (
    Entry,
    Split,
    Track,
    dated_tracks,
    in_force,
    life_of,
    policies,
    principles,
    split,
    stands_on,
    start_of,
    static_rows,
    time_families,
    time_tracks,
)

if TYPE_CHECKING:
    from cptkit.codesets.edition import Codeset

__all__ = ["diff"]

ADDED, DELETED, REVISED = "added", "deleted", "revised"
_OPPOSITE = {ADDED: DELETED, DELETED: ADDED, REVISED: REVISED}
_RESTATED = "the same, on other evidence"
_ONE_DAY = dt.timedelta(days=1)

Item = tuple[str, CodeChange]
Say = Callable[[Entry | None, Entry], CodeChange | None]
"""What a row says after the one before it (None: it is the first); None where it says nothing new."""


def diff(a: "Codeset", b: "Codeset") -> Diff:
    """What differs from edition ``a`` to edition ``b``, row by row.

    ``added`` and ``deleted`` hold codes and modifiers that start or end, ``revised`` everything else:
    meanings, primaries of add-ons, time rules, exclusions, conventions, and corrections. A row dated
    after the last day of the older edition is news. What differs on a day that both editions know is
    ``corrected``; a code that only one of them covers is revised, for a missing code is not an invalid
    one, unless it starts in the coding year of the edition that lacks it. The day on which a row was last
    checked, and the table of sources, are not compared. ``diff(b, a)`` is the mirror image.

    >>> import cptkit
    >>> from cptkit import codesets
    >>> changes = codesets.diff(cptkit.codeset("2022.1"), cptkit.codeset("2023.1"))
    >>> print(changes.concerning({"99354"}).deleted[0])
    99354  last day 2022-12-31; replaced by 99417
    >>> len(codesets.diff(cptkit.codeset("2022.1"), cptkit.codeset("2022.1")))
    0
    >>> codesets.diff("2022.1", "2023.1")
    Traceback (most recent call last):
    ...
    cptkit.errors.CptkitError: only editions can be compared: '2022.1'; expected a Codeset, from cptkit.codeset("2026.1")
    """
    from cptkit.codesets.edition import Codeset

    for given in (a, b):
        if not isinstance(given, Codeset):
            from cptkit.errors import CptkitError

            expected = 'a Codeset, from cptkit.codeset("2026.1")'
            raise CptkitError("only editions can be compared", given=given, expected=expected)
    items = [] if a.digest == b.digest else list(_Comparison(a, b).items())
    groups = {
        group: tuple(sorted((change for name, change in items if name == group), key=_order))
        for group in _OPPOSITE
    }
    return Diff(a.edition, b.edition, a.digest, b.digest, groups[ADDED], groups[DELETED], groups[REVISED])


def _order(change: CodeChange) -> tuple[str, ...]:
    day = "" if change.day is None else change.day.isoformat()
    return (change.code, day, change.kind, change.what, change.before or "", change.after or "")


def _mirrored(items: Iterable[Item]) -> Iterator[Item]:
    """The same changes, taken back."""
    for group, change in items:
        what = f"taken back: {change.what}"
        yield (
            _OPPOSITE[group],
            attrs.evolve(change, what=what, before=change.after, after=change.before),
        )


class _Comparison:
    """Two editions side by side."""

    def __init__(self, a: "Codeset", b: "Codeset") -> None:
        self.a, self.b = a, b
        # ties are broken by what the editions are, so that both directions tell alike
        self.older, self.newer = sorted(
            (a, b), key=lambda side: (side.last_day, edition_order(side.edition), side.digest)
        )
        self._tell = Teller(self.newer, self.older)

    def items(self) -> Iterator[Item]:
        lives = [*self._lives("code-history", "code", "codes")]
        lives += self._lives("modifier-history", "modifier", "modifiers")
        addons = [*self._rows("addons", "code", "addons", self._tell.addon)]
        yield from self._folded(lives, addons)
        yield from self._rows("revisions", "code", "revisions", self._tell.meaning)
        yield from self._rows("exclusions", "id", "exclusions", self._tell.exclusion)
        yield from self._rows("conventions", "name", "conventions", self._tell.convention)
        yield from self._times()
        taken_over = {
            (successor, change.code)
            for group, change in lives
            if group != REVISED
            for successor in change.successors
        }
        tables = [
            ("codes", "code", "codes", "code"),
            ("modifiers", "code", "modifiers", "modifier"),
            ("modifier-sets", "name", "modifiers", "modifier-set"),
            ("denials", "check", "denials", "denial"),
        ]
        for table, key, fact, kind in tables:
            rows_a, rows_b = (static_rows(side, table, key, fact) for side in (self.a, self.b))
            yield from self._static(rows_a, rows_b, kind, taken_over)
        yield from self._static(policies(self.a), policies(self.b), "unit-policy")
        yield from self._static(principles(self.a), principles(self.b), "principle")
        yield from self._static(time_families(self.a), time_families(self.b), "time")

    # ---- codes and modifiers: lives ----------------------------------------------------

    def _lives(self, table: str, kind: str, fact: str) -> Iterator[Item]:
        all_a, all_b = dated_tracks(self.a, table, "code", fact), dated_tracks(self.b, table, "code", fact)
        for code in {**all_a, **all_b}:
            a, b = all_a.get(code, ()), all_b.get(code, ())
            if a and b:
                yield from self._life(kind, code, a, b)
            elif b:
                yield from self._uncovered(kind, code, b, self.a)
            else:
                yield from _mirrored(self._uncovered(kind, code, a, self.b))
            if not (a and b):
                yield from self._on_record(kind, code, a, b)

    def _uncovered(self, kind: str, code: str, track: Track, lacks: "Codeset") -> Iterator[Item]:
        """What happened, in the years of an edition that does not cover a code and after them."""
        for place, entry in enumerate(track):
            if start_of(entry) >= lacks.first_day:
                corrected = start_of(entry) <= lacks.last_day
                yield self._event(kind, code, track, place, corrected=corrected)

    def _on_record(self, kind: str, code: str, a: Track, b: Track) -> Iterator[Item]:
        """A life of which an edition does not know, but that is older than it."""
        knows, lacks = (self.b, self.a) if b else (self.a, self.b)
        old = tuple(entry for entry in a or b if start_of(entry) < lacks.first_day)
        if old:
            what = f"on record in edition {knows.edition}, not in {lacks.edition}"
            texts = (life_of(old), None) if a else (None, life_of(old))
            yield REVISED, self._tell.change(kind, code, old[-1], what, *texts, corrected=True)

    def _life(self, kind: str, code: str, a: Track, b: Track) -> Iterator[Item]:
        found = self._split(a, b)
        for entry in found.news_b:
            yield self._event(kind, code, b, b.index(entry))
        for entry in found.news_a:
            yield from _mirrored([self._event(kind, code, a, a.index(entry))])
        if found.fixed_a and found.fixed_b:
            until = self.older.last_day
            texts = [life_of(tuple(row for row in track if start_of(row) <= until)) for track in (a, b)]
            group = REVISED
            stood, stands = (stands_on(track, until) for track in (a, b))
            if stood != stands:
                group = ADDED if stands else DELETED
            what = "its life was corrected"
            entry = found.fixed_b[-1] if self.newer is self.b else found.fixed_a[-1]
            yield group, self._tell.change(kind, code, entry, what, *texts, corrected=True)
        else:
            for entry in found.fixed_b:
                yield self._event(kind, code, b, b.index(entry), corrected=True)
            for entry in found.fixed_a:
                yield from _mirrored([self._event(kind, code, a, a.index(entry), corrected=True)])
        yield from self._restated(kind, code, found)

    def _event(self, kind: str, code: str, track: Track, place: int, *, corrected: bool = False) -> Item:
        """What one row of a life says."""
        entry, before = track[place], track[place - 1] if place else None
        stood, stands = before is not None and in_force(before), in_force(entry)
        successors = entry.words("successors")
        group, after = REVISED, None
        earlier = stands and not stood and entry.row["earlier"] == "yes"
        if earlier:
            what = f"on record from {entry.start}; in force before that day already, since when is not known"
        elif stands and not stood:
            group, what = ADDED, f"in force from {entry.start}"
        elif stood and not stands:
            group, what = DELETED, f"last day {start_of(entry) - _ONE_DAY}"
        else:
            what, after = "another row in its life", life_of((entry,))
        change = self._tell.change(kind, code, entry, what, after=after, corrected=corrected)
        codes = (*change.codes, *successors)
        return group, attrs.evolve(change, successors=successors, codes=codes, earlier=earlier)

    def _folded(self, lives: list[Item], addons: list[Item]) -> Iterator[Item]:
        """The first primaries of an add-on that is itself new, told with it."""
        born = {(change.code, change.day): place for place, (_, change) in enumerate(lives)}
        for group, change in addons:
            place = born.get((change.code, change.day))
            first = change.before is None or change.after is None
            if place is None or not first or lives[place][0] == REVISED or change.corrected:
                yield group, change
                continue
            told, life = lives[place]
            what = f"{life.what}; {change.what.removeprefix('taken back: ')}"
            lives[place] = (
                told,
                attrs.evolve(life, what=what, codes=tuple(dict.fromkeys((*life.codes, *change.codes)))),
            )
        yield from lives

    # ---- tables with one dated row after the other ---------------------------------------

    def _rows(self, table: str, key: str, fact: str, say: Say) -> Iterator[Item]:
        all_a, all_b = dated_tracks(self.a, table, key, fact), dated_tracks(self.b, table, key, fact)
        for name in {**all_a, **all_b}:
            yield from self._track(all_a.get(name, ()), all_b.get(name, ()), say)

    def _track(self, a: Track, b: Track, say: Say) -> Iterator[Item]:
        found = self._split(a, b)
        yield from self._became(found.news_b, b, say)
        yield from _mirrored(self._became(found.news_a, a, say))
        in_a = {entry.start: entry for entry in found.fixed_a}
        in_b = {entry.start: entry for entry in found.fixed_b}
        for start in in_a.keys() & in_b.keys():
            change = say(in_a[start], in_b[start])
            if change is not None:
                yield REVISED, attrs.evolve(change, corrected=True)
        fixed_b = [entry for entry in found.fixed_b if entry.start not in in_a]
        fixed_a = [entry for entry in found.fixed_a if entry.start not in in_b]
        corrected = [*self._became(fixed_b, b, say), *_mirrored(self._became(fixed_a, a, say))]
        for group, change in corrected:
            yield group, attrs.evolve(change, corrected=True)
        for one, other in found.restated:
            change = say(None, other)
            if change is not None:
                change = attrs.evolve(change, before=one.grounds, after=other.grounds)
                yield REVISED, attrs.evolve(change, what=_RESTATED, corrected=True)

    @staticmethod
    def _became(entries: Iterable[Entry], track: Track, say: Say) -> Iterator[Item]:
        for entry in entries:
            place = track.index(entry)
            change = say(track[place - 1] if place else None, entry)
            if change is not None:
                yield REVISED, change

    # ---- time rules ----------------------------------------------------------------------

    def _times(self) -> Iterator[Item]:
        all_a, all_b = time_tracks(self.a), time_tracks(self.b)
        families = {
            family["id"]: family for side in (self.older, self.newer) for family in side.timerules["families"]
        }
        merged: dict[tuple[str, CodeChange], tuple[str, ...]] = {}
        for family, basis in {**all_a, **all_b}:
            raw = families[family]

            def say(before: Entry | None, entry: Entry, raw: Raw = raw) -> CodeChange | None:
                return self._tell.time(raw, before, entry)

            for item in self._track(all_a.get((family, basis), ()), all_b.get((family, basis), ()), say):
                merged[item] = (*merged.get(item, ()), basis)
        for (group, change), bases in merged.items():
            yield group, attrs.evolve(change, basis=tuple(sorted(bases)))

    # ---- tables without dates --------------------------------------------------------------

    def _static(
        self,
        all_a: Mapping[str, Entry],
        all_b: Mapping[str, Entry],
        kind: str,
        taken_over: Collection[tuple[str, str]] = (),
    ) -> Iterator[Item]:
        for name in {**all_a, **all_b}:
            before, after = all_a.get(name), all_b.get(name)
            if before is None or after is None:
                entry = after or before
                if entry is not None and kind not in {
                    "code",
                    "modifier",
                    "time",
                }:  # of these, their lives tell
                    what = "on record" if before is None else "no longer on record"
                    yield REVISED, self._tell.change(kind, name, entry, what, corrected=True)
                continue
            skip: set[str] = set()
            moved = set(before.words("predecessors")) ^ set(after.words("predecessors"))
            if moved and all((name, code) in taken_over for code in moved):
                skip.add("predecessors")
            for column in sorted({*before.row, *after.row} - skip):
                texts = before.row.get(column) or None, after.row.get(column) or None
                if texts[0] != texts[1]:
                    what = f"{column.replace('_', ' ')} corrected"
                    yield REVISED, self._tell.change(kind, name, after, what, *texts, corrected=True)

    # ---- what they share ---------------------------------------------------------------------

    def _split(self, a: Track, b: Track) -> Split:
        return split(a, b, a_last=self.a.last_day, b_last=self.b.last_day)

    def _restated(self, kind: str, code: str, found: Split) -> Iterator[Item]:
        for one, other in found.restated:
            yield (
                REVISED,
                self._tell.change(kind, code, other, _RESTATED, one.grounds, other.grounds, corrected=True),
            )
