"""The trees of a booster, as XGBoost writes them in JSON: whether they are sound, and where they split."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Tree = Mapping[str, Any]


class TreeError(ValueError):
    """A tree that no training makes: walking it would leave its memory or never end."""


def check_trees(trees: Sequence[Tree], feature_count: int) -> None:
    """Raises TreeError at the first node that leads nowhere, or twice to the same place."""
    for at, tree in enumerate(trees):
        nodes = len(tree["left_children"])
        children = [node for pair in _pairs(tree) for node in pair]
        if any(not 0 < child < nodes for child in children) or len(set(children)) < len(children):
            raise TreeError(f"tree {at} is no tree: a node's children are other nodes, each with one parent")
        if len(tree["right_children"]) != nodes or len(tree["split_indices"]) != nodes:
            raise TreeError(f"tree {at} is cut short: each of its lists must have {nodes} nodes")
        if any(not 0 <= tree["split_indices"][node] < feature_count for node in _inner(tree)):
            raise TreeError(f"tree {at} splits a feature that is not among the {feature_count}")


def split_points(trees: Sequence[Tree]) -> tuple[dict[int, list[float]], dict[int, int]]:
    """By feature: the thresholds of numbers, and the highest code of categories."""
    thresholds: dict[int, list[float]] = {}
    codes: dict[int, int] = {}
    for tree in trees:
        highest = max(tree["categories"], default=0)
        for node in _inner(tree):
            feature = tree["split_indices"][node]
            if tree["split_type"][node]:
                codes[feature] = max(codes.get(feature, 0), highest)
            else:
                thresholds.setdefault(feature, []).append(tree["split_conditions"][node])
    return thresholds, codes


def _pairs(tree: Tree) -> Iterator[tuple[int, int]]:
    pairs = zip(tree["left_children"], tree["right_children"], strict=False)
    return ((left, right) for left, right in pairs if left != -1 or right != -1)


def _inner(tree: Tree) -> Iterator[int]:
    return (node for node, left in enumerate(tree["left_children"]) if left != -1)
