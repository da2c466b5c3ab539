"""Bodies of files that are to be tables: sound ones, and what is done to them."""

import gzip
import io
import json
import random
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from switchyard.engine.zstd_frame import zstd
from tests.engine.tables import parquet

MIB = 1024**2
Body = Callable[[random.Random], bytes]


def rows(draw: random.Random, count: int = 60) -> list[str]:
    """Sound rows of a, b and y."""
    return [f"{draw.randint(0, 10**6)}.{n},{n},{n % 2}" for n in range(count)]


def table(lines: list[str], header: str = "a,b,y") -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def sound(draw: random.Random) -> bytes:
    return table(rows(draw))


def with_row(row: str) -> Body:
    """A table in which one row is another one."""

    def body(draw: random.Random) -> bytes:
        lines = rows(draw)
        lines[draw.randrange(len(lines))] = row
        return table(lines)

    return body


def with_header(header: str) -> Body:
    return lambda draw: table(rows(draw), header)


def of(body: bytes) -> Body:
    return lambda _: body


def packed(pack: Callable[[bytes], bytes], body: Body = sound) -> Body:
    return lambda draw: pack(body(draw))


def cut(body: Body) -> Body:
    """Without its end."""

    def shorter(draw: random.Random) -> bytes:
        whole = body(draw)
        return whole[: draw.randrange(len(whole) // 3, len(whole) - 1)]

    return shorter


def flipped(body: Body) -> Body:
    """With some of its bytes changed."""

    def damaged(draw: random.Random) -> bytes:
        whole = bytearray(body(draw))
        for _ in range(draw.randint(1, 8)):
            whole[draw.randrange(4, len(whole))] = draw.randrange(256)
        return bytes(whole)

    return damaged


def late_flipped(body: Body) -> Body:
    """With some of its last bytes changed."""

    def damaged(draw: random.Random) -> bytes:
        whole = body(draw)
        return whole[:-600] + flipped(of(whole[-600:]))(draw)

    return damaged


def zipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def bomb(line: bytes, mebibytes: int = 512) -> Iterator[bytes]:
    piece = line * (MIB // len(line))
    yield b"a,b,y\n"
    for _ in range(mebibytes):
        yield piece


def zipped_bomb(line: bytes) -> Body:
    def body(_: random.Random) -> bytes:
        file = io.BytesIO()
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=1) as archive:
            for piece in bomb(line):
                archive.write(piece)
        return file.getvalue()

    return body


def zstd_bomb(line: bytes) -> Body:
    def body(_: random.Random) -> bytes:
        archive = zstd.ZstdCompressor()
        pieces = [archive.compress(piece) for piece in bomb(line)]
        return b"".join([*pieces, archive.flush()])

    return body


def written(query: str, options: str = "") -> Body:
    """Parquet, by what people write it with."""

    def body(_: random.Random) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return parquet(Path(folder, "w.parquet"), query, options)

    return body


def json_lines(*objects: object) -> Body:
    """Sound objects, and these among them."""

    def body(draw: random.Random) -> bytes:
        lines = [json.dumps({"a": draw.random(), "b": n, "y": n % 2}) for n in range(60)]
        lines[20:20] = [each if isinstance(each, str) else json.dumps(each) for each in objects]
        return "\n".join(lines).encode(errors="surrogatepass")

    return body


def growing(count: int) -> Body:
    """Each object has one more key than all before."""
    return lambda _: b"".join(b'{"k%d":1,"a":1,"b":2,"y":%d}\n' % (n, n % 2) for n in range(count))


def widened(keys: int, count: int) -> Body:
    def body(_: random.Random) -> bytes:
        first = json.dumps({"a": 1, "b": 2, "y": 0} | {f"k{n}": 1 for n in range(keys)})
        return f"{first}\n".encode() + b"{}\n" * count

    return body


def late_damage(draw: random.Random) -> bytes:
    """10 MB, and a byte that is no UTF-8 in the middle."""
    body = bytearray(b"a,b,y\n" + table(rows(draw, 1000), "")[1:] * 500)
    body[len(body) // 2 + draw.randrange(1000)] = 0xFF
    return bytes(body)


def footer(size: int) -> Body:
    return lambda draw: b"PAR1" + draw.randbytes(200) + struct.pack("<I", size) + b"PAR1"


def utf16(mark: str, body: bytes = b"") -> Body:
    return lambda draw: (body or sound(draw)).decode().encode(mark)
