"""What the name of a dropped file says of its form. Of packed files and of Parquet their first bytes decide."""

TABLES = (".csv", ".tsv")
JSON_LINES = (".jsonl", ".ndjson", ".json")  # Spark writes JSON Lines as .json
PARQUET = (".parquet",)
PACKED = (".gz", ".zst")
READ = ".csv, .tsv, .jsonl, .ndjson and .json, each also as .gz or .zst, and .parquet"


def is_table(name: str) -> bool:
    return _plain(name).endswith((*TABLES, *JSON_LINES, *PARQUET))


def is_json_lines(name: str) -> bool:
    return _plain(name).endswith(JSON_LINES)


def is_parquet(name: str) -> bool:
    return _plain(name).endswith(PARQUET)


def _plain(name: str) -> str:
    lowered = name.lower()
    for ending in PACKED:
        lowered = lowered.removesuffix(ending)
    return lowered
