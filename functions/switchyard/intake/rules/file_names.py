"""What the name of a dropped file says of its form. Of packed files and of Parquet their first bytes decide."""

TABLES = (".csv", ".tsv", ".tab", ".psv", ".txt")
JSON_LINES = (".jsonl", ".ndjson", ".json")  # Spark writes JSON Lines as .json
PARQUET = (".parquet", ".parq", ".pq")
PACKED = (".gz", ".zst")
READ = ".csv, .tsv, .txt, .jsonl, .ndjson and .json, each also as .gz or .zst, and .parquet"
_REMEDIES = {
    "save the sheet as CSV (UTF-8)": (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers"),
    "unpack it, and drop what is in it; one file may be packed with gzip or zstd": (
        ".zip", ".tar", ".tar.gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".lz4",
    ),
    "write it as Parquet": (".feather", ".arrow", ".orc", ".avro"),
}  # fmt: skip


def is_table(name: str) -> bool:
    """Hadoop's tools give parts no ending: `part-00000`, `000000_0`."""
    plain = _plain(name)
    return not unread(name) and (
        plain.endswith((*TABLES, *JSON_LINES, *PARQUET)) or "." not in plain.rpartition("/")[2]
    )


def unread(name: str) -> str:
    """What to do about a file whose name says that it is no table; "" for any other."""
    lowered = name.lower()
    return next((remedy for remedy, endings in _REMEDIES.items() if lowered.endswith(endings)), "")


def is_json_lines(name: str) -> bool:
    return _plain(name).endswith(JSON_LINES)


def is_parquet(name: str) -> bool:
    return _plain(name).endswith(PARQUET)


def _plain(name: str) -> str:
    lowered = name.lower()
    for ending in PACKED:
        lowered = lowered.removesuffix(ending)
    return lowered
