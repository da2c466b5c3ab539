"""What is live: the champion of each model, those before it, and models out of service."""

import json

from switchyard.core.champion import Champion
from switchyard.core.ledger.records import Records, model_key
from switchyard.core.ledger.retirement import Retirement
from switchyard.core.ports import Item

KEPT_CHAMPIONS = 3


def champion_of(item: Item | None) -> Champion | None:
    return Champion.from_dict(json.loads(str(item["champion"]))) if item else None


class Champions(Records):
    """One item for the champion of a model, one for the end of its service."""

    def champion(self, model: str) -> Champion | None:
        return champion_of(self._items.get(model_key(model), "CHAMPION"))

    def former_champions(self, model: str) -> list[Champion]:
        item = self._items.get(model_key(model), "CHAMPION")
        return [Champion.from_dict(each) for each in json.loads(str(item["former"]))] if item else []

    def kept_champions(self, model: str) -> list[Champion]:
        """The champion, then those before it that there is a way back to, newest first."""
        now = self.champion(model)
        return [*([now] if now else []), *self.former_champions(model)]

    def set_champion(self, model: str, champion: Champion) -> None:
        """Makes `champion` the model's champion; the ones before it are kept for a way back."""
        before = self.kept_champions(model)
        if before and before[0].run_id == champion.run_id:
            return
        former = [each for each in before if each.run_id != champion.run_id][:KEPT_CHAMPIONS]
        item: Item = {"pk": model_key(model), "sk": "CHAMPION", "run_id": champion.run_id, "at": self._now()}
        texts = {
            "champion": json.dumps(champion.to_dict()),
            "former": json.dumps([c.to_dict() for c in former]),
        }
        self._items.put({**item, **texts})

    def retire(self, retirement: Retirement) -> None:
        """The model has no champion any more, nor a way back to one before."""
        item: Item = {
            "pk": model_key(retirement.model),
            "sk": "RETIRED",
            "retirement": json.dumps(retirement.to_dict()),
        }
        self._items.put({**item, "at": self._now()})
        self._items.delete(model_key(retirement.model), "CHAMPION", expected={"run_id": retirement.champion})

    def retirement(self, model: str) -> Retirement | None:
        """The model's last one; it may have a champion again since."""
        item = self._items.get(model_key(model), "RETIRED")
        return Retirement.from_dict(json.loads(str(item["retirement"]))) if item else None
