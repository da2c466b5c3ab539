"""The serving container beside its floor and its peers."""
