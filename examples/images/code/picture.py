"""The pictures of this example, read without a library: PNG of 8 x 8 pixels, eight bits of grey, no filter."""

import struct
import zlib

import numpy as np

SIDE = 8
HEAD = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)


def pixels(png: bytes) -> np.ndarray:
    """64 numbers from 0 to 1; ValueError for any other picture."""
    parts = dict(_chunks(png))
    if parts.get(b"IHDR") != HEAD:
        raise ValueError(f"a PNG of {SIDE} x {SIDE} pixels in eight bits of grey is expected")
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), dtype=np.uint8).reshape(SIDE, SIDE + 1)
    if lines[:, 0].any():
        raise ValueError("its lines are filtered; write them as they are")
    return lines[:, 1:].reshape(-1).astype(np.float32) / 255


def _chunks(png: bytes):
    at = 8
    while at + 8 <= len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12
