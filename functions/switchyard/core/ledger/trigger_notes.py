"""What starts runs besides drops."""

from switchyard.core.ledger.records import Records, model_key
from switchyard.core.ports import Item


class TriggerNotes(Records):
    """One item a trigger of a model: what was noted when it was last looked at."""

    def trigger(self, model: str, cause: str) -> Item | None:
        """What was noted when this trigger of a model was last looked at."""
        return self._items.get(model_key(model), f"TRIGGER#{cause}")

    def save_trigger(self, model: str, cause: str, note: Item) -> None:
        self._items.put({"pk": model_key(model), "sk": f"TRIGGER#{cause}", "at": self._now(), **note})

    def forget_trigger(self, model: str, cause: str) -> None:
        self._items.delete(model_key(model), f"TRIGGER#{cause}")
