"""The distinct values of an Arrow array, so that a text is read once a batch and not once a line."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.frames.arrow import Array, DataType, pa, pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Distinct", "Read", "distinct", "is_text", "looked_up", "plain", "text_of", "texts_of"]


_DECIMAL_BITS = 128
_FEW = 8  # rows for each value of a dictionary, so that it is not asked which of them occur


@attrs.frozen(slots=True, eq=False)
class Distinct:
    """``values``: those that occur, each once or more, and few others; ``index``: the place of each row's value, -1 for none."""

    values: Array
    index: "NDArray[np.int32]"


@attrs.frozen(slots=True, eq=False)
class Read:
    """A column that was read: its ``values``; ``why`` is the place of each row's reason in ``reasons``, 0 for none."""

    values: "NDArray[Any]"
    why: "NDArray[np.int32] | None" = None
    reasons: list[str] = attrs.field(factory=lambda: [""])


def is_text(kind: DataType) -> bool:
    """Whether an array of that type holds texts, or nothing at all."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_null(kind)
        or str(kind) in {"string_view", "binary_view"}
    )


def plain(array: Array) -> Array:
    """The array as one of the types that the rest knows: texts are strings, large strings or a dictionary of these.

    Decimals are of 128 or 256 bits.

    A float that is no number is none, as tables of pandas have it.

    :raises pyarrow.ArrowInvalid: bytes that are not UTF-8.
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain(array.storage)
    if pa.types.is_run_end_encoded(kind):
        return plain(pc.run_end_decode(array))
    if pa.types.is_dictionary(kind):
        values = plain(array.dictionary)
        return array if values is array.dictionary else pa.DictionaryArray.from_arrays(array.indices, values)
    if pa.types.is_floating(kind) and pc.any(pc.is_nan(array)).as_py():
        return pc.if_else(pc.is_nan(array), pa.scalar(None, kind), array)
    if pa.types.is_decimal(kind) and kind.bit_width < _DECIMAL_BITS:  # not every function knows these
        return array.cast(pa.decimal128(kind.precision, kind.scale))
    if is_text(kind) and not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return array.cast(pa.large_string() if pa.types.is_large_binary(kind) else pa.string())
    return array


def distinct(array: Array) -> Distinct:
    """The distinct values that occur in a plain array.

    >>> found = distinct(pa.array(["a", None, "b", "a"]))
    >>> found.values.to_pylist(), found.index.tolist()
    (['a', 'b'], [0, -1, 1, 0])
    """
    is_dictionary = pa.types.is_dictionary(array.type)
    coded = array if is_dictionary else array.dictionary_encode()
    indices = coded.indices
    if not pa.types.is_int32(indices.type):
        indices = indices.cast(pa.int32())
    index = _filled(indices)
    values = coded.dictionary
    is_short = _FEW * len(values) <= len(index) and not values.null_count
    if is_dictionary and not is_short:  # it may hold values that no row has, and none
        occurs = np.zeros(len(values) + 1, dtype=bool)
        occurs[index] = True
        occurs[-1] = False
        if values.null_count:
            occurs[:-1] &= values.is_valid().to_numpy(zero_copy_only=False)
        if not occurs[:-1].all():
            places = np.full(len(values) + 1, -1, dtype=np.int32)
            kept = np.flatnonzero(occurs)
            places[kept] = np.arange(len(kept), dtype=np.int32)
            return Distinct(values.take(pa.array(kept)), places[index])
    return Distinct(values, index)


def _filled(indices: Array) -> "NDArray[np.int32]":
    """Indices of 32 bits, -1 where there is none."""
    if not indices.null_count:
        found: NDArray[np.int32] = indices.to_numpy()
        return found
    start, many = indices.offset, len(indices)
    is_there, held = indices.buffers()
    if is_there is None or held is None:  # nothing is there, or not written down
        return np.asarray(indices.fill_null(-1).to_numpy())
    first, last = start // 8, -(-(start + many) // 8)
    bits = np.unpackbits(np.frombuffer(is_there, np.uint8, last - first, first), bitorder="little")
    filled = bits[start % 8 : start % 8 + many].astype(np.int32)
    filled -= 1  # all bits are set where nothing is
    filled |= np.frombuffer(held, np.int32, many, 4 * start)
    return filled


def text_of(value: Any, digits: int = 0) -> str:
    """The text of a cell: a whole number as such, whatever its type, filled up with zeros to that many digits.

    >>> text_of(" 25 "), text_of(7, 5), text_of(2.0), text_of(Decimal("1.50")), text_of(2.5)
    ('25', '00007', '2', '1.50', '2.5')
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    elif isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else value
    if isinstance(value, int):
        return str(value).zfill(digits)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def texts_of(values: Array, digits: int = 0) -> list[str]:
    """The texts of distinct values; a float that is no number is no text."""
    return ["" if value != value else text_of(value, digits) for value in values.to_pylist()]  # noqa: PLR0124 - NaN


def looked_up(
    array: Array,
    parse: Callable[[str], tuple[int, str]],
    blank: tuple[int, str],
    dtype: Any,
) -> Read:
    """What the text of each cell means, each text asked once; ``blank`` for a cell that is null or blank.

    ``parse`` answers a number, and a reason where the text has no meaning.
    """
    found = distinct(array)
    texts = [*(text_of(value) for value in found.values.to_pylist()), ""]
    meanings = np.zeros(len(texts), dtype=dtype)
    why = np.zeros(len(texts), dtype=np.int32)
    reasons: dict[str, int] = {"": 0}
    for place, text in enumerate(texts):
        meanings[place], reason = parse(text) if text else blank
        if reason and (place < len(found.values) or found.index.min(initial=0) < 0):
            why[place] = reasons.setdefault(reason, len(reasons))
    read = meanings.take(found.index)
    return Read(read, why.take(found.index) if why.any() else None, list(reasons))
