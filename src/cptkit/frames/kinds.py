"""Which types of columns can hold which field."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from cptkit.errors import UnreadableClaims
from cptkit.frames.arrow import DataType, Schema, pa
from cptkit.frames.columns import SPOKEN
from cptkit.frames.distinct import is_text

if TYPE_CHECKING:
    from cptkit.frames.columns import Columns

__all__ = ["unfit"]


def unfit(columns: "Columns", schema: Schema, elsewhere: Collection[str] = ()) -> UnreadableClaims | None:
    """The error that a column is missing, or of a type that cannot hold its field; None where all fit.

    ``elsewhere``: columns that the schema need not have, as something else tells them.
    """
    for field, names in columns.fields.items():
        for name in (name for name in names if name not in elsewhere):
            places = schema.get_all_field_indices(name)
            if len(places) != 1:
                told = ", ".join(schema.names[:12])
                message = "no column of that name" if not places else "two columns of that name"
                return UnreadableClaims(message, given=name, expected=f"one; the table has {told}")
            kind = schema.field(places[0]).type
            if not _fits(field, kind):
                message = f"a column cannot hold {SPOKEN.get(field, field)}: {name!r} ({kind})"
                return UnreadableClaims(message, expected=_expected(field))
    return None


def _fits(field: str, kind: DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _fits(field, kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _fits(field, kind.value_type)
    if is_text(kind):
        return True
    if field in {"start", "stop"}:
        return bool(pa.types.is_time(kind))
    if field == "setting":
        return False
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return not pa.types.is_float16(kind)
    if field == "date_of_service":
        return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))
    if field == "modifiers" and _is_list(kind):
        return not _is_list(kind.value_type) and _fits(field, kind.value_type)
    return field == "line" and not _is_no_id(kind)


def _is_no_id(kind: DataType) -> bool:
    """Whether values of that type have no text that they could be compared by."""
    return bool(pa.types.is_nested(kind) or pa.types.is_fixed_size_binary(kind) or pa.types.is_interval(kind))


def _is_list(kind: DataType) -> bool:
    return str(kind).startswith(
        ("list<", "large_list<", "fixed_size_list<", "list_view<", "large_list_view<")
    )


def _expected(field: str) -> str:
    if field in {"start", "stop"}:
        return "text or a time of day"
    if field == "setting":
        return "text"
    more = {
        "date_of_service": ", a date, a time stamp",
        "line": ", a date, a time",
        "modifiers": ", a list of these",
    }.get(field, "")
    return f"text{more} or a number"
