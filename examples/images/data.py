"""Writes images, a PNG a digit, to folders of drops: `python examples/images/data.py /tmp/images`.

`first/<digit>/<number>.png` and `second/...`, which has the same images and half as many more. The digits are those
that scikit-learn ships (UCI "Optical Recognition of Handwritten Digits", CC BY 4.0; scikit-learn is BSD-3-Clause).
"""

import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

SIDE, LARGEST = 8, 16
DROPS = {"first": 500, "second": 750}


def main(folder: Path) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    for drop, count in DROPS.items():
        pairs = zip(digits.images[:count].tolist(), digits.target[:count].tolist(), strict=True)
        for number, (image, digit) in enumerate(pairs):
            path = folder / drop / str(digit) / f"{number:04}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png([[int(pixel * 255 / LARGEST) for pixel in row] for row in image]))


def png(rows: Sequence[Sequence[int]]) -> bytes:
    """Eight bits of grey a pixel."""
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + bytes(row) for row in rows)
    parts = {b"IHDR": head, b"IDAT": zlib.compress(lines), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts.items())


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
