"""What a file is by its first bytes, where it is no text: to say so, and what to do."""

_KINDS = (
    (b"\x1f\x8b", "compressed with gzip", "decompress it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it"),
    (b"BZh", "compressed with bzip2", "decompress it"),
    (b"\xfd7zXZ", "compressed with xz", "decompress it"),
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
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml")


def not_text(head: bytes) -> str:
    """`this is Parquet; save it as CSV`, or nothing for what may be text."""
    for magic, what, remedy in _KINDS:
        if head.startswith(magic):
            return f"this is {what}; {remedy}"
    if head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return "this is a web page, or XML; save the table itself as CSV (a download that failed leaves its error page)"
    return ""
