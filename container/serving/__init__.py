"""`serve`: one model behind `/ping` and `/invocations`."""
