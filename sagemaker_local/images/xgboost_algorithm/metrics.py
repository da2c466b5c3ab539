"""The evaluation metrics of the algorithm, by the direction in which a tuner moves them."""

MAXIMIZED = (
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "f1",
    "f1_binary",
    "f1_macro",
    "map",
    "ndcg",
    "precision",
    "precision_macro",
    "precision_micro",
    "r2",
    "recall",
    "recall_macro",
    "recall_micro",
)
MINIMIZED = (
    "aft-nloglik",
    "cox-nloglik",
    "error",
    "gamma-deviance",
    "gamma-nloglik",
    "interval-regression-accuracy",
    "logloss",
    "mae",
    "mape",
    "merror",
    "mlogloss",
    "mphe",
    "mse",
    "poisson-nloglik",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
)
# The container computes these itself, with scikit-learn, which is not in the environment.
NOT_HERE = frozenset(
    name for name in MAXIMIZED if name.startswith(("accuracy", "balanced", "f1", "precision", "r2", "recall"))
) | {"mse"}
