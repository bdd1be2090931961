"""What the notes in the add-on edits say of whose claims a row is for.

Notes are free text. Two phrases decide: a row for practitioners only, or for facilities only, names no
primary on other claims. A note that repeats what a column says, or names the text an edit is based on,
makes no exception. Any other note may, and is not read.
"""

import re
from typing import TYPE_CHECKING

from cptkit.setting import Setting

if TYPE_CHECKING:
    from cptkit.edits import AddOnEdit

__all__ = ["counts"]

_ONLY = (
    (re.compile(r"\bpractitioners?\W+only\b"), Setting.PRACTITIONER),
    (re.compile(r"\bfacilit(?:y|ies)\W+only\b"), Setting.HOSPITAL),
)
_NO_EXCEPTION = ("based on ", "contractor defined primary codes")


def counts(row: "AddOnEdit", setting: Setting) -> bool | None:
    """Whether a row names a primary on claims of that setting; None where its note is not read.

    >>> from cptkit.edits import AddOnEdit, Quarter
    >>> def noted(note):
    ...     ends = (None, None, None, None)
    ...     return AddOnEdit("W9911", "W9901", 1, *ends, note, Quarter(2024, 3), "aoc.txt")
    >>> [counts(noted("W9901 Practitioner Only"), setting) for setting in ("practitioner", "hospital")]
    [True, False]
    >>> print(counts(noted("see elsewhere"), Setting.HOSPITAL))
    None
    >>> counts("W9911", Setting.HOSPITAL)
    Traceback (most recent call last):
    ...
    AttributeError: 'str' object has no attribute 'note'
    """
    if not row.note:
        return True
    note = row.note.casefold()
    only = [whose for phrase, whose in _ONLY if phrase.search(note)]
    if len(only) == 1:
        return setting == only[0]
    return True if not only and note.startswith(_NO_EXCEPTION) else None
