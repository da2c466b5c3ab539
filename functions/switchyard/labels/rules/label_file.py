"""A label file, read the same way when it arrives and when its labels are joined: what is wrong in it is told, and
never stops what is right.
"""

from collections.abc import Iterable, Iterator

from switchyard.labels.rules.label_line import FORM, Label, LabelError, read_label

SUFFIX = ".jsonl"


def is_label_file(key: str) -> bool:
    """Of a key under <model>/labels/."""
    return key.endswith(SUFFIX) and not is_no_file(key)


def is_no_file(key: str) -> bool:
    """What tools leave beside files: folders as objects, markers and checksums."""
    return key.endswith("/") or key.rsplit("/", 1)[-1].startswith((".", "_"))


def read_labels(lines: Iterable[str]) -> Iterator[tuple[int, Label | LabelError]]:
    """Each line that is not empty with its row, from 1: its label, or what is wrong with it. After bytes that are no
    text nothing more of the file can be read.
    """
    row = 0
    try:
        for row, line in enumerate(lines, start=1):
            if line.strip():
                yield row, _label_or_error(line)
    except UnicodeDecodeError as error:
        yield row + 1, LabelError(f"not UTF-8 text ({error.reason}); save it as UTF-8")


def _label_or_error(line: str) -> Label | LabelError:
    """Whatever a parser raises is told of this line: the next one may be sound."""
    try:
        return read_label(line)
    except LabelError as error:
        return error
    except Exception:
        return LabelError(f"cannot be read; write {FORM}")
