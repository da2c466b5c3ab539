"""Two chunks of a holdout, as the preparation answers them and as a Distributed Map reads them."""

from typing import Any

CHUNKS_FILE = "digits/prepared/r/chunks.json"
CHUNKS: dict[str, Any] = {
    "map": "inline",
    "items": [{"first": 0, "last": 250, "offset": 6}, {"first": 250, "last": 500, "offset": 1506}],
    "key": "",
}
