"""Sets of modifiers about which payers differ, and how a profile settles one."""

__all__ = ["ONE", "TOGETHER", "settles"]

ONE, TOGETHER = "one", "together"
"""The payer takes one modifier of the set on a line; or several of them beside each other."""


def settles(name: str) -> str:
    """The name of the general fact by which a profile settles a set.

    >>> settles("laterality")
    'modifier-set/laterality'
    """
    return f"modifier-set/{name}"
