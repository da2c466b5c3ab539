"""In which encoding a text is: what its mark of byte order says, what is declared, what its first bytes show."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, getincrementaldecoder

from switchyard.intake.rules.file_signature import is_binary

UTF8, LATIN = "utf-8-sig", "latin-1"
# What is called Latin-1 is Windows' mostly, which has signs where Latin-1 has control codes: WHATWG reads it so, too.
WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_LOOKED_AT = 200  # bytes
_MARKS = (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE, BOM_UTF32_LE, BOM_UTF32_BE)
# Of two and of four bytes: in which of them ASCII has NULs.
_WIDE = {
    "utf-32-le": (4, (1, 2, 3)), "utf-32-be": (4, (0, 1, 2)),
    "utf-16-le": (2, (1,)), "utf-16-be": (2, (0,)),
}  # fmt: skip
WIDE = ("utf-16", "utf-32", *_WIDE)
# Words of Russian, Greek, Chinese and Japanese; and what is no sign of Windows-1252.
_ANOTHER_SCRIPT = re.compile("[\x80-\xff]{4}|[\x81\x8d\x8f\x90\x9d]")


def encoding_of(head: bytes, declared: str = "") -> str:
    """No text of another encoding begins with a mark of byte order, and UTF-16 may lack it."""
    if declared and not head.startswith(_MARKS):
        shown = _shown(head) if declared == "utf-16" else ""
        return shown if shown.startswith(declared) else declared
    return _shown(head)


def _shown(head: bytes) -> str:
    """By its mark of byte order, by the NULs of ASCII in two or four bytes, or by what UTF-8 cannot be.

    "" where it is no text.
    """
    if head.startswith((BOM_UTF32_LE, BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    for encoding, (width, places) in _WIDE.items():
        nulls = [head[place:_LOOKED_AT:width] for place in places]
        if len(nulls[0]) > 1 and not any(map(any, nulls)):
            return encoding
    try:
        getincrementaldecoder("utf-8")().decode(head)
        is_utf8 = True
    except UnicodeDecodeError:
        is_utf8 = False
    if is_binary(head, is_utf8):
        return ""
    return UTF8 if is_utf8 else LATIN


def is_of_another_script(text: str) -> bool:
    """text: read as Latin-1, where hardly any word has four letters in a row that are none of ASCII."""
    return _ANOTHER_SCRIPT.search(text) is not None
