"""What a file is by its first bytes, where it is no text: to say so, and what to do."""

import re

_KINDS = (
    (b"\x1f\x8b", "compressed with gzip", "decompress it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it"),
    (b"BZh", "compressed with bzip2", "decompress it"),
    (b"\xfd7zXZ", "compressed with xz", "decompress it"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4", "decompress it"),
    (b"\xff\x06\x00\x00sNaPpY", "compressed with Snappy", "decompress it"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"%PDF", "a PDF", "save the table as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"SQLite format 3", "an SQLite database", "save the table as CSV"),
    (b"\x89HDF", "an HDF5 file", "save the table as CSV or Parquet"),
    (b"ARROW1", "an Arrow (Feather) file", "save the table as Parquet"),
    (b"ORC", "an ORC file", "save the table as Parquet"),
    (b"Obj\x01", "an Avro file", "save the table as Parquet"),
    (b"{\\rtf", "a rich-text document", "save the table as CSV"),
    (b"<stata_dta>", "a Stata file", "save the table as CSV"),
    (b"$FL2", "an SPSS file", "save the table as CSV"),
    (b"RDX", "data of R", "save the table as CSV"),
    (b"\x93NUMPY", "an array of NumPy", "save the table as CSV or Parquet"),
    (b"\x89PNG", "a picture", "drop tables alone, or say `data: {kind: records}`"),
    (b"GIF8", "a picture", "drop tables alone, or say `data: {kind: records}`"),
    (b"\xff\xd8\xff", "a picture", "drop tables alone, or say `data: {kind: records}`"),
    (b"version https://git-lfs", "a pointer of Git LFS, and not the file", "drop what `git lfs pull` fetches"),
)  # fmt: skip
_TAR, _TAR_AT = b"ustar", 257
_MARKUP = re.compile(rb"<(?:!doctype|html|\?xml|[A-Za-z][A-Za-z0-9_:.-]*(?: [^<>]*)?>\s*<)", re.IGNORECASE)
_LIST_OF_FILES = re.compile(rb'\{\s*"entries"\s*:\s*\[\s*\{\s*"(?:url|mandatory)"')
# Separators of ASCII and the form feed, which stand in old tables, and the NUL, which is told with its row, are none.
_CONTROLS = bytes({*range(1, 32)} - {*b"\x01\t\n\x0c\r\x1a\x1c\x1d\x1e\x1f"})
_LOOKED_AT = 1024


def not_text(head: bytes) -> str:
    """`this is Parquet; save it as CSV`, or nothing for what may be text."""
    for magic, what, remedy in _KINDS:
        if head.startswith(magic):
            return f"this is {what}; {remedy}"
    if head[_TAR_AT:].startswith(_TAR):
        return "this is a tar archive; unpack it, and drop what is in it"
    if _MARKUP.match(head[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")):
        return "this is a web page, or XML; save the table itself as CSV (a download that failed leaves its error page)"
    if _LIST_OF_FILES.match(head[:_LOOKED_AT]):
        return "this is a list of files, as Redshift writes it; remove it"
    return ""


def is_binary(head: bytes, is_utf8: bool) -> bool:
    """A row of NULs at its head, in bytes that are no UTF-16 or UTF-32; and control codes, where it is no UTF-8."""
    first = head[:_LOOKED_AT]
    has_controls = len(first) > len(first.translate(None, _CONTROLS))
    return bytes(8) in first.partition(b"\n")[0] or (has_controls and not is_utf8)
