"""zstd by the module that Python has from 3.14 on, and by its backport before."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["ZstdFrame", "zstd"]
MOST_WINDOW = 27  # log2 of bytes: what the command `zstd` unpacks when nobody asks for more


class ZstdFrame:
    """One frame, unpacked a piece at a time. Fulfils ports.Archive."""

    def __init__(self) -> None:
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MOST_WINDOW}
        self._frame = zstd.ZstdDecompressor(options=options)

    @property
    def eof(self) -> bool:
        return self._frame.eof

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return self._frame.decompress(data, max_length)
        except zstd.ZstdError as error:
            raise ValueError(str(error)) from None
