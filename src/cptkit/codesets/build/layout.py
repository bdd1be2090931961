"""Where the files of editions that stand side by side are put: what several have in common, once.

The layout follows from the bytes of the editions alone, so the same editions always lie the same way.
"""

from collections import Counter
from collections.abc import Mapping

from cptkit.codesets.files import MANIFEST, SHARED, digest_of, shared_name

__all__ = ["laid_out"]


def laid_out(editions: Mapping[str, Mapping[str, bytes]]) -> dict[str, dict[str, bytes]]:
    """The files of each folder: one for each edition, and ``shared`` where two or more have a file in common.

    >>> both = {"2025.1": {"a.tsv": b"a", "b.tsv": b"b"}, "2026.1": {"a.tsv": b"a", "b.tsv": b"c"}}
    >>> laid_out(both)["shared"], laid_out(both)["2026.1"]
    ({'a-ca978112ca1bbdca.tsv': b'a'}, {'b.tsv': b'c'})
    >>> laid_out({"2026.1": {"a.tsv": b"a"}})["shared"]
    Traceback (most recent call last):
    ...
    KeyError: 'shared'
    """
    holders = Counter(part for files in editions.values() for part in files.items() if part[0] != MANIFEST)
    common = {part for part, number in holders.items() if number > 1}
    folders = {
        edition: {name: data for name, data in files.items() if (name, data) not in common}
        for edition, files in editions.items()
    }
    if common:
        folders[SHARED] = {shared_name(name, digest_of(data)): data for name, data in sorted(common)}
    return folders
