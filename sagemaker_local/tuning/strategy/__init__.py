"""The decisions of hyperparameter tuning: pure, no store, no clock. The modules of `tuning` carry them out."""
