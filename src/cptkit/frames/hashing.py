"""Ids of patients, claims and providers as numbers of 64 bits, the same in every run and whatever type they have.

What is hashed is the text of an id, blanks around set aside: ``"123"``, ``" 123 "``, 123 and 123.0 are one id,
``"0123"`` is another. Ids of different kinds are never alike: a seed goes with each kind.
"""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from cptkit import kernel
from cptkit.frames.arrow import Array, pa, pc
from cptkit.frames.distinct import distinct, plain, texts_of

if TYPE_CHECKING:
    from cptkit.frames.lines import UInt64

__all__ = ["CHUNK", "CLAIM", "PATIENT", "PROVIDER", "hashed"]

CHUNK = 1 << 14
"""Rows that are worked on at a time, so that they stay in the cache."""

PATIENT = 0x9E3779B97F4A7C15
CLAIM = 0xC2B2AE3D27D4EB4F
PROVIDER = 0x165667B19E3779F9
"""The seeds of the kinds of ids."""

_ONE = np.uint64(0xBF58476D1CE4E5B9)
_TWO = np.uint64(0x94D049BB133111EB)
_LENGTHS = np.uint64(0xD6E8FEB86659FD93)
_MASKS = np.array([(1 << 8 * many) - 1 for many in range(9)], dtype=np.uint64)
_LOWER = np.array([ord(chr(byte).lower()) if byte < 128 else byte for byte in range(256)], dtype=np.uint8)
_BLANK = np.array([byte < 128 and chr(byte).isspace() for byte in range(256)])
_MOST = 10**16
_EIGHT = np.uint64(10**8)
_POWERS = np.array([0, *(10**many for many in range(1, 16))], dtype=np.uint64)
_LONGEST = 256  # bytes; longer ids are hashed one by one


def hashed(array: Array, seed: int, *, fold: bool = False) -> "UInt64":
    """The hash of each id; 0 where there is none, or it is blank. ``fold``: case makes no other id.

    >>> ids = hashed(pa.array(["123", " 123 ", "0123", "", None]), PATIENT)
    >>> bool(ids[0] == ids[1] == hashed(pa.array([123]), PATIENT)[0] != ids[2]), ids[3:].tolist()
    (True, [0, 0])
    >>> hashed(pa.array([[1]]), PATIENT)
    Traceback (most recent call last):
    ...
    pyarrow.lib.ArrowNotImplementedError: ...
    """
    array = plain(array)
    if pa.types.is_dictionary(array.type):
        if len(array.dictionary) > 2 * len(array):
            return hashed(array.dictionary_decode(), seed, fold=fold)
        found = distinct(array)
        of_values = np.append(hashed(found.values, seed, fold=fold), np.uint64(0))
        return of_values.take(found.index)
    if pa.types.is_integer(array.type):
        return _of_integers(array, seed)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return _of_others(array, seed, fold=fold)
    return _of_texts(array, seed, fold=fold)


def _of_others(array: Array, seed: int, *, fold: bool) -> "UInt64":
    """Of floats and decimals, by their distinct values."""
    if pa.types.is_nested(array.type):
        raise pa.ArrowNotImplementedError(f"an id of type {array.type}")
    found = distinct(array)
    of_values = np.append(
        _of_texts(pa.array(texts_of(found.values), pa.large_string()), seed, fold=fold), np.uint64(0)
    )
    return of_values.take(found.index)


def _of_integers(array: Array, seed: int) -> "UInt64":
    """As of their texts; of a stretch of equal ones, once."""
    many = len(array)
    numbers = array.fill_null(0).to_numpy(zero_copy_only=False) if array.null_count else array.to_numpy()
    heads = np.flatnonzero(np.concatenate([np.ones(min(many, 1), bool), numbers[1:] != numbers[:-1]]))
    each = numbers[heads] if len(heads) < many // 2 else numbers
    if len(each) and (each.min() < 0 or each.max() >= _MOST):
        found = _of_texts(pa.array(each).cast(pa.string()), seed, fold=False)
    else:
        found = np.empty(len(each), dtype=np.uint64)
        for begin in range(0, len(each), CHUNK):
            found[begin : begin + CHUNK] = _of_numbers(each[begin : begin + CHUNK].astype(np.uint64), seed)
    if len(each) < many:
        found = np.repeat(found, np.diff(np.append(heads, many)))
    if array.null_count:
        found[pc.is_null(array).to_numpy(zero_copy_only=False)] = 0
    return found


def _of_numbers(numbers: "UInt64", seed: int) -> "UInt64":
    """What ``_of_bytes`` answers for the digits of numbers below 10 to the 16th, without writing them down."""
    least, most = int(numbers.min()), int(numbers.max())
    if len(str(least)) < len(str(most)):
        lengths = np.searchsorted(_POWERS, numbers, side="right")
        found = np.empty(len(numbers), dtype=np.uint64)
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            found[rows] = _of_numbers(numbers[rows], seed)
        return found
    length = len(str(most))
    start = np.array([length], dtype=np.uint64) * _LENGTHS ^ np.uint64(seed)
    _mix(start)
    high = numbers // _EIGHT
    words = _digits(numbers - high * _EIGHT)
    if length <= 8:
        words >>= np.uint64(8 * (8 - length))
        words ^= start
        _mix(words)
    else:
        gap = 8 * (16 - length)
        first = _digits(high)
        if gap:
            first >>= np.uint64(gap)
            first |= words << np.uint64(64 - gap)
            words >>= np.uint64(gap)
        first ^= start
        _mix(first)
        words ^= first
        _mix(words)
    words[words == 0] = 1
    return words


def _digits(numbers: "UInt64") -> "UInt64":
    """The eight digits of numbers below 10 to the 8th as bytes, in the order in which a text has them."""
    high = numbers // np.uint64(10_000)
    numbers = high | (numbers - high * np.uint64(10_000)) << np.uint64(32)  # two of four digits
    high = numbers * np.uint64(10_486) >> np.uint64(20) & np.uint64(0x7F0000007F)  # a hundredth of each
    numbers = high | (numbers - high * np.uint64(100)) << np.uint64(16)  # four of two digits
    high = numbers * np.uint64(103) >> np.uint64(10) & np.uint64(0x000F000F000F000F)  # a tenth of each
    return (high | (numbers - high * np.uint64(10)) << np.uint64(8)) + np.uint64(0x3030303030303030)


def _of_texts(array: Array, seed: int, *, fold: bool) -> "UInt64":
    many = len(array)
    offset_type = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, offsets_buffer, bytes_buffer = array.buffers()
    if not many or bytes_buffer is None or not bytes_buffer.size:
        return np.zeros(many, dtype=np.uint64)
    offsets = np.frombuffer(offsets_buffer, dtype=offset_type)[array.offset : array.offset + many + 1]
    there = array.buffers()[0] if array.null_count else None
    compiled = kernel.texts(
        offsets,
        np.frombuffer(bytes_buffer, dtype=np.uint8),
        None if there is None else (np.frombuffer(there, np.uint8), array.offset),
        seed=seed,
        fold=fold,
        longest=_LONGEST,
    )
    if compiled is not None:
        return compiled
    first, last = int(offsets[0]), int(offsets[-1])
    used = np.frombuffer(bytes_buffer, dtype=np.uint8)[first:last]
    if fold and len(used) and used.max() > 127:
        folded = [None if text is None else text.strip().casefold() for text in array.to_pylist()]
        return _of_texts(pa.array(folded, pa.large_string()), seed, fold=False)
    data = np.zeros(last - first + 8, dtype=np.uint8)  # a word may be read over the end
    data[: last - first] = _LOWER[used] if fold else used
    words: UInt64 = np.ndarray((len(data) - 7,), dtype="<u8", buffer=data.data, strides=(1,))
    empty = pc.is_null(array).to_numpy(zero_copy_only=False) if array.null_count else None
    found = np.empty(many, dtype=np.uint64)
    for begin in range(0, many, CHUNK):
        end = min(begin + CHUNK, many)
        bounds = offsets[begin : end + 1].astype(np.int64) - first
        starts, ends = bounds[:-1].copy(), bounds[1:].copy()
        if empty is not None:
            ends = np.where(empty[begin:end], starts, ends)
        if _trimmed(data, starts, ends):
            stripped = [None if text is None else text.strip() for text in array.to_pylist()]
            return _of_texts(pa.array(stripped, pa.large_string()), seed, fold=fold)
        found[begin:end] = _of_bytes(data, words, starts, ends - starts, seed)
    return found


def _trimmed(data: "np.ndarray", starts: "np.ndarray", ends: "np.ndarray") -> bool:
    """Move starts and ends over ASCII blanks; True where other signs stand at an end, which may be blanks too."""
    heads, tails = data[starts], data[ends - 1]
    if min(heads.min(), tails.min()) > 32 and max(heads.max(), tails.max()) < 127:
        return False  # no end of an id is blank, and none is empty
    while len(rows := np.flatnonzero((starts < ends) & _BLANK[data[starts]])):
        starts[rows] += 1
    while len(rows := np.flatnonzero((starts < ends) & _BLANK[data[ends - 1]])):
        ends[rows] -= 1
    filled = starts < ends
    wide = filled & ((data[starts] > 127) | (data[ends - 1] > 127))
    if not wide.any():
        return False
    texts = [data[starts[row] : ends[row]].tobytes().decode() for row in np.flatnonzero(wide)]
    return any(text != text.strip() for text in texts)


def _of_bytes(
    data: "np.ndarray", words: "UInt64", starts: "np.ndarray", lengths: "np.ndarray", seed: int
) -> "UInt64":
    found = lengths.astype(np.uint64)
    found *= _LENGTHS
    found ^= np.uint64(seed)
    _mix(found)
    shortest, longest = int(lengths.min()), int(lengths.max())
    begin, count = int(starts[0]), len(starts)
    # texts of one length, one behind the other: their words stand at even steps
    is_even = shortest == longest > 0 and (np.diff(starts) == longest).all()
    for place in range(0, min(longest, _LONGEST), 8):
        if shortest > place:
            at = (
                slice(begin + place, begin + place + longest * (count - 1) + 1, longest)
                if is_even
                else starts + place
            )
            word = words[at]
            if shortest < place + 8:
                word = word & (_MASKS[longest - place] if is_even else _MASKS[np.minimum(lengths - place, 8)])
            found ^= word
            _mix(found)
        else:
            rows = np.flatnonzero(lengths > place)
            word = words[starts[rows] + place] & _MASKS[np.minimum(lengths[rows] - place, 8)]
            word ^= found[rows]
            _mix(word)
            found[rows] = word
    for row in np.flatnonzero(lengths > _LONGEST).tolist():
        text = data[starts[row] : starts[row] + lengths[row]].tobytes()
        digest = hashlib.blake2b(text, digest_size=8, salt=seed.to_bytes(8, "little")).digest()
        found[row] = int.from_bytes(digest, "little")
    found[found == 0] = 1  # 0 is no id
    found[lengths == 0] = 0
    return found


def _mix(numbers: "UInt64") -> None:
    """Spread every bit of each number over all its bits, in place; different numbers stay different."""
    shifted = numbers >> np.uint64(30)
    numbers ^= shifted
    numbers *= _ONE
    np.right_shift(numbers, np.uint64(27), out=shifted)
    numbers ^= shifted
    numbers *= _TWO
    np.right_shift(numbers, np.uint64(31), out=shifted)
    numbers ^= shifted
