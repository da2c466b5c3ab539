"""Hyperparameters of XGBoost's images that come to no model of the problem: refused before an instance is paid."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from switchyard.config.rules.combinations import Refusal
from switchyard.core.policy import Problem

# What the gate can read: a probability, a probability a class, a number.
_ANSWERS: Mapping[Problem, tuple[str, ...]] = {
    Problem.BINARY: ("binary:logistic", "binary:hinge", "reg:logistic"),
    Problem.MULTICLASS: ("multi:softprob",),
    Problem.REGRESSION: ("reg:", "count:", "survival:"),
}
# Those that the default image knows; images of AWS's own algorithm and of others have theirs.
KNOWN = frozenset({
    "num_round", "early_stopping_rounds", "objective", "eval_metric", "num_class", "seed", "nthread", "verbosity",
    "tree_method", "grow_policy", "max_depth", "max_leaves", "max_bin", "max_cat_to_onehot", "max_cat_threshold",
    "max_delta_step", "min_child_weight", "eta", "gamma", "alpha", "lambda", "subsample", "colsample_bytree",
    "colsample_bylevel", "colsample_bynode", "scale_pos_weight", "base_score", "num_parallel_tree",
    "tweedie_variance_power", "huber_slope",
})  # fmt: skip


def parameter_refusals(
    problem: Problem, given: Mapping[str, str], is_default_image: bool
) -> Iterator[Refusal]:
    """given: as the job will have them, searched ones included, whose values are "" where they are not known."""
    key = "training.hyperparameters"
    objective, fits = given.get("objective", ""), _ANSWERS[problem]
    if objective and not objective.startswith(fits):
        wanted = "reg:squarederror" if problem is Problem.REGRESSION else fits[0]
        yield Refusal(
            f"{key}.objective",
            f"'{objective[:60]}' does not answer what a {problem} model is judged by",
            f"use {wanted}, or leave it out",
        )
    elif "num_class" in given and problem is not Problem.MULTICLASS:
        said = f"belongs to multiclass problems, and this is a {problem} one"
        yield Refusal(f"{key}.num_class", said, "leave it out")
    for name in sorted(set(given) - KNOWN) if is_default_image else ():
        near = get_close_matches(name, KNOWN, 1)
        meant = f"did you mean '{near[0]}'?" if near else "leave it out, or train with an image of yours"
        yield Refusal(f"{key}.{name[:60]}", "the default image knows no such hyperparameter", meant)
