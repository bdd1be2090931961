"""Which column of a file of claim lines holds what: the accepted names, in one table.

Names are compared without case, blanks, underscores or other signs, so ``Date of Service``,
``DATE_OF_SERVICE`` and ``date-of-service`` are one name. A column that no name fits is left alone
and listed; two columns for one thing are refused, because either could be the right one.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs

from cptkit.errors import UnreadableClaims, nearest, nearly

__all__ = ["ACCEPTED", "REQUIRED", "Columns", "map_columns", "meant", "recognised"]

_MODIFIER_COLUMNS = 5  # an 837 carries four, some billing systems keep a fifth

ACCEPTED: Mapping[str, tuple[str, ...]] = {
    "claim_id": ("claim_id", "claim", "claim_number", "claim_no", "invoice", "invoice_number", "invoice_no"),
    "patient_id": (
        "patient_id",
        "patient",
        "patient_number",
        "patient_no",
        "mrn",
        "client_id",
        "client",
        "member_id",
    ),
    "date_of_service": ("date_of_service", "dos", "service_date", "visit_date", "session_date"),
    "code": ("code", "cpt", "cpt_code", "hcpcs", "hcpcs_code", "cpt_hcpcs", "procedure_code", "service_code"),
    "modifiers": ("modifiers", "modifier", "mods", "mod"),
    **{
        f"modifier{number}": (f"modifier{number}", f"mod{number}")
        for number in range(1, _MODIFIER_COLUMNS + 1)
    },
    "units": ("units", "unit", "quantity", "qty", "service_units", "days_or_units"),
    "minutes": ("minutes", "mins", "total_minutes", "duration_minutes", "duration_min"),
    "start": ("start", "start_time", "begin", "begin_time", "time_in", "session_start"),
    "stop": ("stop", "stop_time", "end", "end_time", "time_out", "session_end"),
    "place_of_service": ("place_of_service", "pos", "pos_code"),
    "rendering_provider": (
        "rendering_provider",
        "clinician",
        "npi",
        "rendering_npi",
        "rendering_provider_id",
        "rendering",
        "provider",
        "therapist",
    ),
    "billing_provider": ("billing_provider", "billing_npi", "billing_provider_id", "group_npi", "practice"),
    "charge": ("charge", "charges", "charge_amount", "billed_amount", "amount", "fee"),
    "filed": ("filed", "filed_on", "date_filed", "filing_date", "submission_date"),
}
"""What a column may hold, and the names it may have."""

REQUIRED: tuple[tuple[str, ...], ...] = (("code",), ("date_of_service",), ("patient_id", "claim_id"))
"""What a file must have: one of each group. The last tells one patient's lines from another's."""

_SPOKEN: Mapping[tuple[str, ...], str] = {
    ("code",): "the code",
    ("date_of_service",): "the date of service",
    ("patient_id", "claim_id"): "the patient or the claim",
}
_SINGULAR = {"modifier", "mod"}
# a code or a day, which no name of a column looks like
_DATA = re.compile(r"[0-9]{5}|[A-Za-z][0-9]{4}|[0-9]{4}[A-Za-z]|[0-9]{8}|[0-9]+[-/.][0-9]+[-/.][0-9]+.*")
_NUMBERED = tuple(field for field in ACCEPTED if field.startswith("modifier") and field[-1].isdigit())


def _key(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


_FIELDS = {_key(name): field for field, names in ACCEPTED.items() for name in names}


@attrs.frozen(slots=True)
class Columns:
    """Where a file holds what.

    ``places``: field to column number, from 0. ``names``: field to the column's name as the file
    writes it. ``ignored``: the columns that no accepted name fits. ``width``: how many columns.
    """

    places: Mapping[str, int]
    names: Mapping[str, str]
    ignored: tuple[str, ...]
    width: int

    @property
    def modifiers(self) -> tuple[int, ...]:
        """The columns that hold modifiers, in the order in which they are read."""
        return tuple(self.places[field] for field in ("modifiers", *_NUMBERED) if field in self.places)


def recognised(header: Iterable[str]) -> int:
    """How many of these column names are accepted ones.

    >>> recognised(["CPT Code", "DOS", "Mod 1", "weather"])
    3
    """
    return sum(_key(name) in _FIELDS for name in header)


def meant(name: str, held: Collection[str]) -> str | None:
    """The accepted name that a column's name nearly is, of a field that the file does not hold otherwise.

    >>> meant("Clinican", {"code"}), meant("Clinican", {"code", "rendering_provider"}), meant("Remarks", ())
    ('clinician', None, None)
    """
    held = (
        {"modifiers", *_NUMBERED, *held}
        if any(field in held for field in ("modifiers", *_NUMBERED))
        else held
    )
    open_names = {
        _key(accepted): accepted
        for field, names in ACCEPTED.items()
        if field not in held
        for accepted in names
    }
    near = nearly(_key(name), open_names)
    return None if near is None else open_names[near]


def map_columns(header: Sequence[str], chosen: Mapping[str, str] | None = None) -> Columns:
    """Which column holds what, by the names in the header.

    :param chosen: field to column name, where the file uses other names or two columns could be
        meant; what is chosen goes before the accepted names.
    :raises UnreadableClaims: a required column is missing (the accepted names and the nearest ones
        of the file are given), two columns are there for one thing (both are named), or what is
        chosen is no field or no column.

    >>> columns = map_columns(["Claim #", "DOS", "CPT", "Mod 1", "Mod 2", "Remarks"])
    >>> columns.names["code"], columns.modifiers, columns.ignored
    ('CPT', (3, 4), ('Remarks',))
    >>> map_columns(["patient", "dos", "cpt", "hcpcs"])
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: two columns hold the same thing (code): 'cpt' and 'hcpcs'; expected only one of them
    """
    keys = [_key(name) for name in header]
    places, names = _chosen(header, keys, chosen or {})
    taken = frozenset(places.values())
    settled = frozenset(places)
    ignored: list[str] = []
    is_numbered = any(_FIELDS.get(key) in _NUMBERED for key in keys)
    for place, (name, key) in enumerate(zip(header, keys, strict=True)):
        if place in taken:
            continue
        field = _FIELDS.get(key)
        if field is None or field in settled:
            if name.strip():
                ignored.append(name.strip())
            continue
        if key in _SINGULAR and is_numbered:
            field = "modifier1"  # "Modifier, Modifier 2, Modifier 3" is how some systems write it
        if field in places:
            raise _twice(field, names[field], name.strip())
        places[field], names[field] = place, name.strip()
    if "modifiers" in names and is_numbered:
        first = next(field for field in _NUMBERED if field in names)
        raise _twice("modifiers", names["modifiers"], names[first])
    missing = [group for group in REQUIRED if not any(field in places for field in group)]
    if missing:
        raise _missing(missing, header, names)
    return Columns(places, names, tuple(ignored), len(header))


def _chosen(
    header: Sequence[str], keys: Sequence[str], chosen: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, str]]:
    places: dict[str, int] = {}
    names: dict[str, str] = {}
    for field, name in chosen.items():
        if field not in ACCEPTED:
            meant = _FIELDS.get(_key(field))
            near = nearest(field, ACCEPTED) if meant is None else (meant,)
            expected = f"one of {', '.join(ACCEPTED)}"
            raise UnreadableClaims("no such field of a claim line", given=field, expected=expected, near=near)
        if _key(name) not in keys:
            near = nearest(name, [text.strip() for text in header if text.strip()])
            expected = f"one of {_told(header)}"
            raise UnreadableClaims("the file has no such column", given=name, expected=expected, near=near)
        places[field] = keys.index(_key(name))
        names[field] = header[places[field]].strip()
    return places, names


def _twice(field: str, one: str, other: str) -> UnreadableClaims:
    message = f"two columns hold the same thing ({field}): {one!r} and {other!r}"
    return UnreadableClaims(message, expected="only one of them")


def _missing(
    groups: list[tuple[str, ...]], header: Sequence[str], used: Mapping[str, str]
) -> UnreadableClaims:
    spoken = " and none for ".join(_SPOKEN[group] for group in groups)
    if not recognised(header) and any(_DATA.fullmatch(name.strip()) for name in header):
        # the cells are a patient's: they are not told
        message = f"the first line names no column for {spoken}; it looks like a claim line itself"
        expected = "a line before it that names the columns, such as patient_id,date_of_service,code,minutes"
        return UnreadableClaims(message, expected=expected)
    near: dict[str, None] = {}
    accepted: list[str] = []
    for group in groups:
        names = [name for field in group for name in ACCEPTED[field]]
        accepted.append(f"{_SPOKEN[group]}: {', '.join(names)}")
        free = (name.strip() for name in header if name.strip() not in used.values())
        by_key = {_key(name): name for name in free if name}
        for name in names:
            near |= dict.fromkeys(by_key[key] for key in nearest(_key(name), by_key, limit=1))
    wanted = {field for group in groups for field in group}
    taken = [
        f"{name!r} was taken for {field}" for field, name in used.items() if _FIELDS.get(_key(name)) in wanted
    ]
    return UnreadableClaims(
        f"the first line names no column for {spoken}{''.join(f', as {each}' for each in taken)}; "
        f"it has {_told(header)}",
        expected=f"a name for {'; for '.join(accepted)}",
        near=[repr(name) for name in list(near)[:3]],
    )


def _told(header: Sequence[str]) -> str:
    """The columns of a file; of many, or of long names, the first."""
    names = [name.strip() for name in header if name.strip()]
    return (", ".join(names[:12]) + (" and more" if len(names) > 12 else ""))[:300]
