"""What tools leave beside data, and every reader of folders passes over.

Names that begin with `_` or `.` are Hadoop's and Spark's convention (`_temporary/`, `_committed_1`, `.part-0.csv.crc`)
and that of desktops (`.DS_Store`). The S3 console and EMR stand for folders by objects of their own (`v1/`,
`v1_$folder$`).
"""

FOLDER_SUFFIX = "_$folder$"
_OF_WINDOWS = ("thumbs.db", "desktop.ini")


def is_leftover(name: str) -> bool:
    """`name`: an object's, within its folder."""
    return name.endswith(("/", FOLDER_SUFFIX)) or any(_is_hidden(part) for part in name.split("/"))


def _is_hidden(part: str) -> bool:
    """Not `.` and `..`: those are ways through folders, and nobody's leftover."""
    return (part.startswith(("_", ".", "~$")) and part not in (".", "..")) or part.lower() in _OF_WINDOWS


def is_code_leftover(name: str) -> bool:
    """The same of a folder of code, where `__init__.py` is none."""
    parts = name.split("/")
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not name or hidden or name.endswith(("/", FOLDER_SUFFIX))
