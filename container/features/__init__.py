"""Typed columns: what the contract of the data says, and how each kind becomes numbers for XGBoost."""
