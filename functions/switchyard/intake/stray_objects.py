"""What lands in the data bucket where nothing is read: told once a folder, on record like every upload."""

from dataclasses import dataclass

from switchyard.core.data.ignored_files import is_leftover
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import is_model_name
from switchyard.core.ports import Storage
from switchyard.core.run import RunState
from switchyard.intake.rules.dataset import closes_nothing, parse_drop
from switchyard.intake.rules.file_names import is_table

NO_MODEL = "-"
DROPPED_UNDER = ("/train", "/batch")
PLACES = (
    "datasets go under <model>/train/, rows to score under <model>/batch/, labels to <model>/labels/*.jsonl"
)


@dataclass(frozen=True)
class Strays:
    """`data` is the uploaders' bucket."""

    ledger: Ledger
    data: Storage

    def tell(self, key: str) -> str:
        """Answers what was said, for the log. An object that only stands for a folder is no upload."""
        if key.endswith("/"):
            return "ignored: it stands for a folder"
        if is_leftover(key) and not is_hidden_table(key) and not closes_nothing(key):
            return "ignored: a tool left it"
        if parse_drop(key) or parse_drop(key, "batch") or is_of_labels(key):
            return "ignored: another door reads it"
        folder, reason = key.rpartition("/")[0] + "/", f"{self.data.uri(key)}: {stray(key)}"
        parts = [part for part in key.split("/") if part]
        model = parts[0] if len(parts) > 1 and is_model_name(parts[0]) else NO_MODEL
        is_by_itself = len(folder) == 1 or is_hidden_table(key) or closes_nothing(key)
        source, upload = (key, key) if is_by_itself else (folder, f"{folder}#stray")
        self.ledger.record_upload(model, upload, self.data.uri(source), RunState.INVALID, reason, absent=True)
        return f"INVALID: {reason}"


def is_of_labels(key: str) -> bool:
    """It lies under <model>/labels/: its own door reads it, or says why not."""
    parts = key.split("/")
    return len(parts) > 2 and parts[1] == "labels" and parts[0] != ""


def is_hidden_table(key: str) -> bool:
    """A table that is dropped alone and named as what tools leave beside data: it is meant to be read, and is not."""
    folder, _, name = key.rpartition("/")
    is_alone = folder.count("/") == 1 and folder.endswith(DROPPED_UNDER)
    return is_alone and name.startswith("_") and "." in name and is_table(name)


def stray(key: str) -> str:
    """Why nothing reads this key, and where it should be."""
    parts = key.split("/")
    if is_hidden_table(key):
        *folder, name = parts
        return (
            f"its name begins with `_`, as those of what tools leave beside data, which nothing reads; drop it as "
            f"{'/'.join([*folder, name.lstrip('_')])}"
        )
    if closes_nothing(key):
        place, _, marker = key.rpartition("/")
        return (
            f"it closes a folder, and each file right under {place}/ is a drop by itself; drop the files that belong "
            f"together, and {marker} last, as {place}/<version>/..."
        )
    if "" in parts[:-1]:
        return f"a folder of this key has no name; drop it as {'/'.join(part for part in parts if part)}"
    return f"nothing is read from here; {PLACES}"
