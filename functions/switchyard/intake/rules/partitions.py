"""Columns that stand in the names of folders, `carrier=UA/part-0.parquet`, as Spark and Hive write them.

https://spark.apache.org/docs/latest/sql-data-sources-parquet.html#partition-discovery
"""

from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote

from switchyard.core.data.normalized_text import column_name

MISSING = "__HIVE_DEFAULT_PARTITION__"


def partition_of(name: str) -> dict[str, str]:
    """Of a file within its drop: each column with its value, "" where it is missing."""
    pairs = (part.partition("=") for part in name.split("/")[:-1])
    found = {column_name(unquote(key)): unquote(value) for key, equals, value in pairs if equals and key}
    return {key: "" if value == MISSING else value for key, value in found.items()}


def partition_columns(
    names: Iterable[str], wanted: Collection[str], only: Collection[str] | None
) -> frozenset[str]:
    """Those that are read: every file has them, and they tell files apart, or are `wanted`.

    only: what a model's contract has; other columns are left out then, as those of a date at which files were written.
    """
    parts = [partition_of(name) for name in names]
    common = set.intersection(*map(set, parts)) if parts else set()
    told = {key for key in common if len({part[key] for part in parts}) > 1}
    return frozenset((told | (common & set(wanted))) & (common if only is None else set(only)))


def of_columns(name: str, columns: Collection[str]) -> Mapping[str, str]:
    return {key: value for key, value in partition_of(name).items() if key in columns}
