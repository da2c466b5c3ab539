"""The cases of every machine."""

from tests.statemachine.case import Case
from tests.statemachine.cases_restore import RESTORE
from tests.statemachine.cases_retrain import RETRAIN
from tests.statemachine.cases_rollout import ROLLOUT
from tests.statemachine.cases_transform import TRANSFORM

TABLE: dict[str, list[Case]] = {
    "retrain": RETRAIN,
    "rollout": ROLLOUT,
    "restore": RESTORE,
    "transform": TRANSFORM,
}
