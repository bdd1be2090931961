"""What a changed row says, in plain words."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.codesets.differences import CodeChange
from cptkit.codesets.tracks import Entry, columns_of, in_force, listed

if TYPE_CHECKING:
    from cptkit.codesets.edition import Codeset

__all__ = ["Teller"]

Raw = Mapping[str, Any]


class Teller:
    """Tells a row after the one before it (None: it is the first); None where it says nothing new.

    Labels and families are those of the newer edition, or else of the older one.
    """

    def __init__(self, newer: "Codeset", older: "Codeset") -> None:
        self._sides = (newer, older)

    def addon(self, before: Entry | None, entry: Entry) -> CodeChange | None:
        """Primaries gained and lost."""
        had, has = (set() if row is None else set(row.words("primaries")) for row in (before, entry))
        gained, lost = sorted(has - had), sorted(had - has)
        parts = [f"goes with {listed(gained)}"] if gained else []
        parts += [f"goes no longer with {listed(lost)}"] if lost else []
        if before is not None:
            parts += columns_of(before, entry, skip={"primaries"})
            if not parts:
                return None
        what = "; ".join(parts) or "its primaries are not listed"
        texts = (
            None if before is None else listed(sorted(had)) or "none listed",
            listed(sorted(has)) or "none listed",
        )
        change = self.change(
            "add-on", entry.row["code"], entry, what if before else f"an add-on: {what}", *texts
        )
        return attrs.evolve(change, codes=(change.code, *gained, *lost))

    def meaning(self, before: Entry | None, entry: Entry) -> CodeChange:
        """A code that stayed and means something else."""
        what = entry.row["what"]
        if before is None or before.start != entry.start:
            return self.change("meaning", entry.row["code"], entry, what)
        return self.change(
            "meaning", entry.row["code"], entry, "its revision is told otherwise", before.row["what"], what
        )

    def exclusion(self, before: Entry | None, entry: Entry) -> CodeChange | None:
        """Codes that one clinician does not report together, or may again."""
        row = entry.row
        sides = f"{listed(entry.words('codes'))} beside {listed(entry.words('excludes'))}"
        stood = before is not None and in_force(before)
        if not in_force(entry):
            what = f"no longer excluded: {sides}"
        elif before is not None and stood:
            columns = columns_of(before, entry, skip={"earlier"})
            if not columns:
                return None
            what = f"excluded otherwise: {sides}: {'; '.join(columns)}"
        else:
            what = f"not reported by one clinician on one day: {sides}"
        codes = (*entry.words("codes"), *entry.words("excludes"))
        change = self.change("exclusion", row["id"], entry, what)
        earlier = row["earlier"] == "yes" and before is None
        return attrs.evolve(
            change, codes=codes, label=row["title"], family=self.family(codes), earlier=earlier
        )

    def convention(self, before: Entry | None, entry: Entry) -> CodeChange | None:
        """A general fact that rules rest on."""
        was, now = (
            None if row is None else f"{row.row['value']}: {row.row['text']}" for row in (before, entry)
        )
        if was == now:
            return None
        what = "a convention" if before is None else "the convention changed"
        return self.change("convention", entry.row["name"], entry, what, was, now)

    def time(self, raw: Raw, before: Entry | None, entry: Entry) -> CodeChange | None:
        """Numbers of a time rule."""
        was, now = ({} if before is None else before.row), entry.row
        names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
        if not names:
            return None
        texts = ["; ".join(f"{name} {said[name]}" for name in names if name in said) for said in (was, now)]
        what = "its first time rule on record" if before is None else "the time rule changed"
        if now.get("status") == "ended":
            what = "the time rule ended"
        codes = tuple(dict.fromkeys((*raw["codes"], *_named(names))))
        change = self.change("time", raw["id"], entry, what, *(text or None for text in texts))
        return attrs.evolve(change, codes=codes, label=raw["title"], family=self.family(codes))

    def family(self, codes: Iterable[str]) -> str:
        """The family of the first code that one of the editions covers."""
        families = (side[code].family for code in codes for side in self._sides if code in side)
        return next(families, "")

    def change(
        self,
        kind: str,
        code: str,
        entry: Entry,
        what: str,
        before: str | None = None,
        after: str | None = None,
        *,
        corrected: bool = False,
    ) -> CodeChange:
        """A change with the label and family of what it is about."""
        label = family = ""
        for side in self._sides:
            known = side.find_modifier(code) if kind == "modifier" else side.get(code)
            if known is not None:
                label, family = known.label, getattr(known, "family", "")
                break
        codes: tuple[str, ...] = (code,) if kind in {"code", "add-on", "meaning"} else ()
        if kind == "time":
            codes = tuple(entry.words("codes"))
        return CodeChange(
            kind,
            code,
            family,
            label,
            entry.start,
            what,
            entry.citation,
            codes,
            before=before,
            after=after,
            corrected=corrected,
        )


def _named(names: Iterable[str]) -> tuple[str, ...]:
    """The codes in the names of numbers of a time rule."""
    return tuple(word for name in names for word in name.split() if len(word) == 5 and word[1:4].isdigit())
