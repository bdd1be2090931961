"""What a line is billed with, as an amount."""

from decimal import Decimal, InvalidOperation

from cptkit.claims import Line

__all__ = ["charged"]


def charged(line: Line) -> Decimal | None:
    """The charge as an amount; None where there is none, or what is there is no amount.

    >>> import datetime as dt
    >>> day = dt.date(2026, 3, 2)
    >>> charged(Line("90834", charge=Decimal("150.00"), date_of_service=day))
    Decimal('150.00')
    >>> charged(Line("90834", charge="much", date_of_service=day)) is None
    True
    """
    try:
        amount = Decimal(str(line.charge))
    except (InvalidOperation, ValueError):  # no number, or more digits than anyone writes
        return None
    return amount if amount.is_finite() else None
