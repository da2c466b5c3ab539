"""Labels that belong to no row of a batch drop."""

import json
from collections.abc import Mapping

from switchyard.core.batch_drop import Batch
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Storage

NEWEST_DROPS = 50  # that an id in a label file is looked for in


def unasked(ledger: Ledger, artifacts: Storage, model: str, rows: Mapping[str, int]) -> dict[str, int]:
    """Ids, as keys of `rows`, that no row of a batch drop has either.

    Of a batch model only ids that name a file and a row can be looked for: a column's are kept of compared drops alone.
    """
    champion, unknown = ledger.champion(model), dict(rows)
    if champion is not None and not champion.has_endpoint:
        unknown = {identity: row for identity, row in unknown.items() if "#" in identity}
    newest = sorted(ledger.batches(model), key=lambda item: str(item["started_at"]))[-NEWEST_DROPS:]
    for item in newest if unknown else []:
        batch = Batch.from_dict(json.loads(str(item["batch"])))
        sizes = {
            batch.row_id(each["name"], 0).removesuffix("#0"): int(each["rows"])
            for each in json.loads(artifacts.read(f"{batch.folder}drop.json"))
        }
        unknown = {identity: row for identity, row in unknown.items() if not _is_row(identity, sizes)}
    return unknown


def _is_row(identity: str, sizes: Mapping[str, int]) -> bool:
    file, _, row = identity.rpartition("#")
    return row.isdecimal() and 1 <= int(row) <= sizes.get(file, 0)
