"""Forms of tables that Python itself cannot read, and rows by the block, by the libraries of the engine's layer."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from switchyard.core.data.contract import Kind
from switchyard.core.data.packed.packed_rows import Shape
from switchyard.core.ports import Archive, TypedRows


class EngineForms:
    """Fulfils ports.Forms. A library is loaded when the first file of its form comes."""

    def zstd(self) -> Archive:
        from switchyard.engine.zstd_frame import ZstdFrame

        return ZstdFrame()

    def parquet(self, name: str, path: str, mark: str = ".") -> Iterator[str]:
        from switchyard.engine.parquet_lines import parquet_lines

        return parquet_lines(name, path, mark)

    def write_typed(self, source: str, target: str, columns: Sequence[tuple[str, Kind]], form: str) -> None:
        from switchyard.engine.typed_files import write_typed

        write_typed(source, target, columns, form)

    def typed(self, shape: Shape) -> AbstractContextManager[TypedRows]:
        from switchyard.engine.typed_rows import typed_rows

        return typed_rows(shape)
