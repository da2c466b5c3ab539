"""What a file is by its first bytes, where it is no text: to say so, and what to do."""

_KINDS = (
    (b"\x1f\x8b", "compressed with gzip", "decompress it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it"),
    (b"BZh", "compressed with bzip2", "decompress it"),
    (b"\xfd7zXZ", "compressed with xz", "decompress it"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"%PDF", "a PDF", "save the table as CSV"),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
)


def not_text(head: bytes) -> str:
    """`this is Parquet; save it as CSV`, or nothing for what may be text."""
    for magic, what, remedy in _KINDS:
        if head.startswith(magic):
            return f"this is {what}; {remedy}"
    return ""
