"""A delimited file as rows of cells, one row a physical line.

Each line is split by itself. So a quote that is opened and never closed costs its own line, not
the hundred after it, and every row has the number that an editor shows. A quoted cell cannot hold
a line break; claim lines have no use for one.
"""

import codecs
import re

from cptkit.cells import NULLS
from cptkit.errors import UnreadableClaims

__all__ = ["DELIMITERS", "decoded", "lines_of", "split"]

DELIMITERS = (",", ";", "\t")

_QUOTED = r' *"([^"]*+(?:""[^"]*+)*+)" *'
_WITH_QUOTES = {sign: re.compile(f"{_QUOTED}(?={re.escape(sign)}|$)") for sign in DELIMITERS}
_PLAIN = {sign: re.compile(f'[^"{re.escape(sign)}]*+(?={re.escape(sign)}|$)') for sign in DELIMITERS}
_CLOSED = re.compile(_QUOTED)
_OPENED = re.compile(' *"')
_LINE_END = re.compile(r"\r\n|\n|\r")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
}
_TO_DO = "CSV text in UTF-8"


def decoded(data: bytes) -> str:
    r"""The text of a file, which is UTF-8 with or without a byte order mark.

    :raises UnreadableClaims: for an empty, binary or otherwise encoded file.

    >>> decoded(b"\xef\xbb\xbfcode,dos")
    'code,dos'
    >>> decoded(b"\xff\xfec\x00")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: the file is UTF-16; expected CSV text in UTF-8
    """
    if data.startswith(_UTF_16):
        raise UnreadableClaims("the file is UTF-16", expected=_TO_DO)
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableClaims(f"the file is {what}", expected=_TO_DO)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = len(_LINE_END.findall(data[: error.start].decode("latin-1"))) + 1
        if b"\0" in data:
            raise UnreadableClaims("the file is binary", expected=_TO_DO) from None
        message = f"line {number} is not UTF-8 (byte 0x{data[error.start]:02x})"
        raise UnreadableClaims(message, expected=f"{_TO_DO}; Excel saves it as 'CSV UTF-8'") from None
    if not text.replace("\ufeff", "").strip():
        raise UnreadableClaims("the file is empty", expected="a line that names the columns")
    return text


def lines_of(text: str) -> list[str]:
    """The physical lines, whatever ends them."""
    return _LINE_END.split(text)


def split(line: str, delimiter: str) -> list[str]:
    """The cells of one line, without blanks around them; a cell that says that it is empty is.

    ``ValueError`` says where a quote is stray or not closed.

    >>> split('C-1, "Smith, A." ,90834', ",")
    ['C-1', 'Smith, A.', '90834']
    >>> split('C-1,"90834,95', ",")
    Traceback (most recent call last):
    ...
    ValueError: a quote is opened in field 2 and not closed on the line
    >>> split('C-1,908"34,95', ",")
    Traceback (most recent call last):
    ...
    ValueError: a stray quote in field 2
    """
    if '"' not in line:
        return [_bare(cell) for cell in line.split(delimiter)]
    cells: list[str] = []
    place = 0
    while True:
        if hit := _WITH_QUOTES[delimiter].match(line, place):
            cells.append(hit[1].replace('""', '"').strip())
        elif hit := _PLAIN[delimiter].match(line, place):
            cells.append(_bare(hit[0]))
        elif _OPENED.match(line, place) and not _CLOSED.match(line, place):
            raise ValueError(f"a quote is opened in field {len(cells) + 1} and not closed on the line")
        else:
            raise ValueError(f"a stray quote in field {len(cells) + 1}")
        place = hit.end() + 1
        if hit.end() == len(line):
            return cells


def _bare(cell: str) -> str:
    """A cell that has no quotes around it."""
    text = cell.strip()
    return "" if text in NULLS else text
