"""Which engine answers for a model: XGBoost, or lignum where it is proven equal on this very model."""

import logging
from dataclasses import dataclass
from pathlib import Path

from container.serving.golden import GOLDEN_ROWS, equal, golden_rows
from container.serving.lignum_engine import LignumEngine, LignumError
from container.serving.ports import Engine
from container.serving.trees import Tree, check_trees
from container.serving.xgboost_engine import XGBoostEngine

AUTO, XGBOOST = ENGINES = ("auto", "xgboost")

logger = logging.getLogger("serve")


@dataclass(frozen=True)
class Loaded:
    """The engine that answers, and what XGBoost says of the model; `note` is a line for the log."""

    engine: Engine
    feature_count: int
    objective: str
    class_count: int
    note: str


def load_engine(path: Path, threads: int, wanted: str = AUTO) -> Loaded:
    """Load a model file. Raises EngineError, or TreeError where its trees cannot be walked."""
    xgboost = XGBoostEngine(path, threads)
    facts = (xgboost.feature_count, xgboost.objective, xgboost.class_count)
    trees = xgboost.trees()
    check_trees(trees, xgboost.feature_count)
    proven = _proven_lignum(path, threads, xgboost, trees) if wanted == AUTO else None
    if proven is None:
        return Loaded(xgboost, *facts, note=f"{path.name} is answered by XGBoost")
    xgboost.close()
    return Loaded(proven, *facts, note=f"{path.name} is answered by lignum, equal on {GOLDEN_ROWS} rows")


def _proven_lignum(
    path: Path, threads: int, xgboost: XGBoostEngine, trees: list[Tree]
) -> LignumEngine | None:
    try:
        lignum = LignumEngine(path, xgboost.feature_count, threads)
        if equal(xgboost, lignum, golden_rows(trees, xgboost.feature_count)):
            return lignum
        logger.warning("lignum differs from XGBoost on this model")
    except LignumError as error:
        logger.warning("%s", error)
    return None
