"""What an image build needs of this repository, as a zip: container/, the functions' package, and what both require."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same sources give the same bytes
FOLDERS = ("container", "functions/switchyard")
PINS = (
    "requirements/container.txt",
    "requirements/lambda/requirements.txt",
    "requirements/lambda-engine/requirements.txt",
)


def files(repository: Path) -> list[Path]:
    """Relative to the repository, sorted."""
    found = [path for folder in FOLDERS for path in (repository / folder).rglob("*") if path.is_file()]
    kept = [path for path in found if "__pycache__" not in path.parts]
    return sorted(path.relative_to(repository) for path in [*kept, *(repository / name for name in PINS)])


def source_zip(repository: Path) -> bytes:
    """The modes of programs are kept: `train` and `serve` must be executable in the image."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files(repository):
            path = repository / name
            entry = zipfile.ZipInfo(name.as_posix(), EPOCH)
            entry.external_attr = (path.stat().st_mode & 0o777) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
