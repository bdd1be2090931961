"""What a file looks like by its first bytes: a refusal says it, so that the mistake is seen at once."""

import re

__all__ = ["HEAD", "looks_like"]

HEAD = 64 * 1024
"""How many bytes from the start are looked at."""

_BOM = b"\xef\xbb\xbf"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive with nothing in it"),
    (b"PK\x07\x08", "one part of a zip archive that was split"),
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of before 2007, or one with a password"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"{\\rtf", "an RTF document"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|meta|title)\b", re.IGNORECASE)
_LICENCE = re.compile(rb"licen[cs]e|agreement|/license/ama", re.IGNORECASE)
_WORKBOOK = re.compile(rb"\[Content_Types\]\.xml|xl/workbook\.xml|_rels/\.rels")


def looks_like(head: bytes) -> str | None:
    r"""What the first bytes of a file show, in words; None for text that may be a table.

    >>> looks_like(b"<!DOCTYPE html><title>License Agreement</title>")
    'a web page that asks for the licence to be accepted'
    >>> looks_like(b"Column 1\tColumn 2") is None
    True
    """
    if not head:
        return "an empty file"
    for signature, words in _SIGNATURES:
        if head.startswith(signature):
            if words == "a zip archive" and _WORKBOOK.search(head[:4096]):
                return "an Excel workbook (.xlsx)"
            return words
    text = head.removeprefix(_BOM).lstrip()
    if _HTML.search(text[:2048]) and text.startswith(b"<"):
        if _LICENCE.search(text):
            return "a web page that asks for the licence to be accepted"
        return "a web page"
    if text.startswith(b"<?xml"):
        return "an XML document"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if b"\0" in head:
        return "binary data"
    if not text:
        return "blank"
    return None
