"""How often an arrival asks S3 and DynamoDB: in a burst of drops that is most of what one takes."""

from collections import Counter
from typing import Any

from tests.fakes.faults import Faults
from tests.fakes.stations import Stations, csv_of
from tests.fakes.store import MemoryItems, MemoryStorage

BUSY = {  # of a model that nobody was promoted of: then its contract is looked for in two places
    "items.get_all": 4,
    "items.query": 1,
    "items.update": 1,
    "items.write": 2,
    "storage.copy_from": 1,
    "storage.list": 1,
    "storage.read": 3,
    "storage.write": 2,
}


class Watched(Stations):
    """Stations that know what they asked."""

    def __init__(self) -> None:
        self.faults = Faults()
        super().__init__(items=self.faults.around("items", MemoryItems()))

    def storage(self, name: str) -> Any:
        return self.faults.around("artifacts", MemoryStorage(name, self.clock))

    def asked(self, key: str) -> Counter[str]:
        """While this drop is admitted; the one read of its rows comes to it."""
        for met in self.faults.met.values():
            met.clear()
        self.admission.admit(key)
        named = (*self.faults.met["effect"], *self.faults.met["read"])
        return Counter(each.replace("artifacts.", "storage.") for each in named)


def test_a_drop_of_a_busy_model_asks_for_nothing_twice() -> None:
    stations = Watched()
    stations.has_pipeline()
    for number in range(3):
        stations.admission.admit(stations.upload(f"digits/train/v{number}.csv", csv_of(number)))
    assert stations.states() == ["RUNNING", "SUPERSEDED", "WAITING"]
    assert stations.asked(stations.upload("digits/train/v3.csv", csv_of(3))) == BUSY
    assert stations.states() == ["RUNNING", "SUPERSEDED", "SUPERSEDED", "WAITING"]
