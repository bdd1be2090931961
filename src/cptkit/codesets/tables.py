"""The tables of an edition: their names and columns, in order.

The one place that says what an edition's files hold; ``docs/reference/edition-format.md`` explains
the columns. Lists of codes stand in one field, parted by blanks; lists of texts by ``; ``; yes or no
are written so; dates as 2026-01-31.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["EVIDENCE", "TABLES"]

EVIDENCE = ("sources", "confidence", "checked", "note")

TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "codes.tsv": ("code", "label", "family", "section", "timed", "predecessors", *EVIDENCE),
        "code-history.tsv": ("code", "from", "status", "earlier", "successors", *EVIDENCE),
        "revisions.tsv": ("code", "from", "what", *EVIDENCE),
        "addons.tsv": (
            "code",
            "from",
            "aoc_type",
            "same_day_edit",
            "open",
            "primaries",
            "doubtful",
            *EVIDENCE,
        ),
        "modifiers.tsv": (
            "code",
            "label",
            "owner",
            "kinds",
            "order_class",
            "ncci_bypass",
            "conflicts",
            "requires",
            "attaches_to",
            "never_on",
            *EVIDENCE,
        ),
        "modifier-history.tsv": ("code", "from", "status", "earlier", *EVIDENCE),
        "modifier-sets.tsv": ("name", "members", "strength", "rule", *EVIDENCE),
        "exclusions.tsv": (
            "id",
            "from",
            "status",
            "earlier",
            "title",
            "codes",
            "excludes",
            "bypass",
            "drop",
            "cure_drops",
            "replacements",
            "denial",
            "cure",
            *EVIDENCE,
        ),
        "conventions.tsv": ("name", "from", "value", "text", *EVIDENCE),
        "denials.tsv": ("check", "group", "carc", "rarc", "likely", *EVIDENCE),
        "sections.tsv": ("name", "low", "high", *EVIDENCE),
        "sources.tsv": ("key", "grade", "where", "supports"),
    }
)
