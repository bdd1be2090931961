"""How numbers are told in words, wherever a person reads them."""

__all__ = ["counted"]


def counted(number: int, thing: str) -> str:
    """A number of things; in capitals where the thing is.

    >>> counted(1, "row"), counted(2545, "row"), counted(2, "FINDING")
    ('1 row', '2,545 rows', '2 FINDINGS')
    """
    plural = "S" if thing.isupper() else "s"
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}{plural}"
