"""What lands in the data bucket where nothing is read: told once a folder, on record like every upload."""

from dataclasses import dataclass

from switchyard.core.data.ignored_files import is_leftover
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import is_model_name
from switchyard.core.ports import Storage
from switchyard.core.run import RunState
from switchyard.intake.rules.dataset import parse_drop

NO_MODEL = "-"
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
        if is_leftover(key):
            return "ignored: a tool left it"
        if parse_drop(key) or parse_drop(key, "batch") or is_of_labels(key):
            return "ignored: another door reads it"
        folder, reason = key.rpartition("/")[0] + "/", f"{self.data.uri(key)}: {stray(key)}"
        parts = [part for part in key.split("/") if part]
        model = parts[0] if len(parts) > 1 and is_model_name(parts[0]) else NO_MODEL
        source = self.data.uri(folder if len(folder) > 1 else key)
        upload = f"{folder}#stray" if len(folder) > 1 else key
        self.ledger.record_upload(model, upload, source, RunState.INVALID, reason, absent=True)
        return f"INVALID: {reason}"


def is_of_labels(key: str) -> bool:
    """It lies under <model>/labels/: its own door reads it, or says why not."""
    parts = key.split("/")
    return len(parts) > 2 and parts[1] == "labels" and parts[0] != ""


def stray(key: str) -> str:
    """Why nothing reads this key, and where it should be."""
    parts = key.split("/")
    if "" in parts[:-1]:
        return f"a folder of this key has no name; drop it as {'/'.join(part for part in parts if part)}"
    return f"nothing is read from here; {PLACES}"
