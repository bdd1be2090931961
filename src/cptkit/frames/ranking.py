"""Numbers that rise as ids do: as ``cptkit.claims.id_order`` has them, numbers by value, 2 before 10 and L9 before L10.

What is compared is the text of an id as ``cptkit.frames.distinct.text_of`` writes it, each distinct one once.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from cptkit.claims import id_order
from cptkit.frames.arrow import Array, pa, pc
from cptkit.frames.distinct import distinct, is_text, text_of, texts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LONGEST", "rising"]

LONGEST = 10**18
"""Numbers of so many digits and more are compared as texts."""

_LAST = np.iinfo(np.int64).max
_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"  # what ``str.strip`` takes of ASCII
_DIGITS = "0123456789"
_NO_DIGITS = "".join(character for character in map(chr, range(128)) if character not in _DIGITS)
_MOST_DIGITS = 64
_BEFORE, _END = (
    "\x01",
    "\x00",
)  # stand before digits and behind a key: less than all that an id is written with


def rising(ids: Any) -> "NDArray[np.int64]":
    """A number for each id: they rise as the ids do, equal ids have one, and what is missing or blank comes last.

    :param ids: a chunked array, plain as ``cptkit.frames.distinct.plain`` leaves it.

    >>> rising(pa.chunked_array([["L10", None, "L9"], [" L9", "9", ""]])).argsort(kind="stable").tolist()
    [4, 2, 3, 0, 1, 5]
    """
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(ids.type.value_type)
    numbers = _numbers(ids)
    if numbers is not None:
        return numbers
    if is_text(ids.type):
        ids = ids.cast(pa.large_string())  # those of several batches may be more than 2 GB
    found = distinct(ids.combine_chunks())
    texts = _texts(found.values)
    named = distinct(pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts))
    ranks = np.append(_ranks(named.values), _LAST)[named.index]
    return np.append(ranks, _LAST)[found.index]


def _numbers(ids: Any) -> "NDArray[np.int64] | None":
    """The ids themselves where all are whole numbers that are compared as such; else None."""
    if is_text(ids.type):
        is_number = pc.match_substring_regex(ids, "^[0-9]{1,18}$")
        if not pc.all(is_number, min_count=0).as_py():
            return None
        if _may_be_alike(ids):
            return None
        ids = ids.cast(pa.int64())
    elif pa.types.is_floating(ids.type) or pa.types.is_decimal(ids.type):
        try:
            ids = ids.cast(pa.int64())
        except pa.ArrowInvalid:  # some are no whole numbers, or too large
            return None
    elif not pa.types.is_integer(ids.type):
        return None
    ends = pc.min_max(ids)
    least, most = ends["min"].as_py(), ends["max"].as_py()
    if least is not None and (least < 0 or most >= LONGEST):
        return None
    return np.asarray(pc.fill_null(ids.cast(pa.int64()), _LAST).to_numpy())


def _texts(values: Array) -> Array:
    """The texts of distinct ids, as ``text_of`` writes them; days and times as Arrow writes them."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        values = values.cast(pa.timestamp(kind.unit))  # nobody need know the zone
    if pa.types.is_temporal(kind) or pa.types.is_integer(kind):
        return values.cast(pa.string()).cast(pa.large_string())
    if not is_text(kind):
        return pa.array(texts_of(values), pa.large_string())
    if pc.all(pc.string_is_ascii(values), min_count=0).as_py():
        return pc.ascii_trim(values, _BLANKS)
    return pa.array([text_of(value) for value in values.to_pylist()], pa.large_string())


def _ranks(texts: Array) -> "NDArray[np.int64]":
    """The rank of each of some distinct texts."""
    order = _numbered(texts)
    if order is None and (keys := _keys(texts)) is not None:
        order = pc.sort_indices(keys).to_numpy()
    if order is None:
        words = texts.to_pylist()
        order = np.array(sorted(range(len(words)), key=lambda place: id_order(words[place])), np.int64)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _numbered(texts: Array) -> "NDArray[np.int64] | None":
    """The order of texts that are a number behind a prefix without digits; None where some are not."""
    numbers = pc.ascii_ltrim(texts, _NO_DIGITS)
    if not len(texts) or not pc.all(pc.match_substring_regex(numbers, "^[0-9]{1,18}$")).as_py():
        return None
    if _may_be_alike(numbers):
        return None
    prefixes = distinct(pc.ascii_rtrim(texts, _DIGITS))
    ranks = pc.rank(prefixes.values).to_numpy()
    return np.lexsort((numbers.cast(pa.int64()).to_numpy(), ranks[prefixes.index]))


def _may_be_alike(digits: Any) -> bool:
    """Whether two texts of digits may have one value, as 1 and 01; of one length they do not."""
    lengths = pc.min_max(pc.binary_length(digits))
    if lengths["min"] == lengths["max"]:
        return False
    return bool(pc.any(pc.match_substring_regex(digits, "^0[0-9]")).as_py())


def _keys(texts: Array) -> Array | None:
    """Texts that stand byte by byte in the order of ids; None where some id is written too oddly for that.

    All digits in a row are filled up to one length, with a sign before them that goes before all others: so
    numbers go by value, and before any other text.
    """
    is_odd = pc.match_substring_regex(texts, f"[{_END}{_BEFORE}]|[0-9]{{{_MOST_DIGITS + 1}}}")
    if pc.any(is_odd).as_py() or not pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        return None
    width = _most_digits(texts)
    filled = pc.replace_substring_regex(texts, "([0-9]+)", f"{_BEFORE}{'0' * (width - 1)}\\1")
    keys = pc.replace_substring_regex(filled, f"[0-9]*([0-9]{{{width}}})", "\\1")
    if pc.any(pc.match_substring_regex(texts, "(^|[^0-9])0[0-9]")).as_py():
        keys = pc.binary_join_element_wise(keys, texts, pa.scalar(_END, texts.type))  # 01 and 1 are two ids
    return keys


def _most_digits(texts: Array) -> int:
    """How many digits at most stand in a row; at least 1."""
    least, most = 1, _MOST_DIGITS
    while least < most:
        middle = (least + most + 1) // 2
        if pc.any(pc.match_substring_regex(texts, f"[0-9]{{{middle}}}")).as_py():
            least = middle
        else:
            most = middle - 1
    return least
