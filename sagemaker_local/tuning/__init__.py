"""The decisions of hyperparameter tuning: pure, no store, no clock. `resources/tuning_*.py` carry them out."""
