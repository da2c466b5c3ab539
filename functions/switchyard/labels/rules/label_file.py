"""A label file, read the same way when it arrives and when its labels are joined: what is wrong in it is told, and
never stops what is right.
"""

from collections.abc import Iterable, Iterator

from switchyard.labels.rules.label_line import FORM, Label, LabelError, read_label

SUFFIX = ".jsonl"
_MARK, _OTHER_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_GZIP = b"\x1f\x8b"


def is_label_file(key: str) -> bool:
    """Of a key under <model>/labels/."""
    return key.endswith(SUFFIX) and not is_no_file(key)


def is_no_file(key: str) -> bool:
    """What tools leave beside files: folders as objects, markers and checksums."""
    return key.endswith("/") or key.rsplit("/", 1)[-1].startswith((".", "_"))


def read_labels(chunks: Iterable[bytes]) -> Iterator[tuple[int, Label | LabelError]]:
    """Each line that is not empty with its row, from 1: its label, or what is wrong with it. Of a file that is no text
    at all its first row alone is told.
    """
    for row, line in enumerate(_lines(chunks), start=1):
        line = line.removeprefix(_MARK) if row == 1 else line
        said = _no_text(line) if row == 1 else ""
        if said:
            yield row, LabelError(said)
            return
        if line.strip():
            yield row, _label_or_error(line)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Without their ends; one that is no UTF-8 is by itself."""
    begun: list[bytes] = []
    for chunk in chunks:
        begun.append(chunk)
        if b"\n" in chunk:
            *lines, rest = b"".join(begun).split(b"\n")
            begun = [rest]
            yield from lines
    if any(begun):
        yield b"".join(begun)


def _no_text(head: bytes) -> str:
    """What a file is by its first bytes, where no line of it can be a label."""
    if head.startswith(_GZIP):
        return "it is compressed with gzip; decompress it"
    if head.startswith(_OTHER_MARKS) or b"\0" in head[:4]:
        return "not UTF-8 text, but UTF-16 or UTF-32 as it looks; save it as UTF-8"
    return ""


def _label_or_error(line: bytes) -> Label | LabelError:
    """Whatever a parser raises is told of this line: the next one may be sound."""
    try:
        return read_label(line.decode())
    except LabelError as error:
        return error
    except UnicodeDecodeError as error:
        return LabelError(f"not UTF-8 text ({error.reason}); save it as UTF-8")
    except Exception:
        return LabelError(f"cannot be read; write {FORM}")
