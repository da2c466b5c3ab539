"""Hyperparameter tuning jobs; what they decide is in `strategy`."""
