"""The forms of tables that Python itself cannot read, by the libraries of the engine's layer."""

from collections.abc import Iterator

from switchyard.core.ports import Archive


class EngineForms:
    """Fulfils ports.Forms. A library is loaded when the first file of its form comes."""

    def zstd(self) -> Archive:
        from switchyard.engine.zstd_frame import ZstdFrame

        return ZstdFrame()

    def parquet(self, name: str, path: str) -> Iterator[str]:
        from switchyard.engine.parquet_lines import parquet_lines

        return parquet_lines(name, path)
