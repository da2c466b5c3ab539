"""How long a test waits for what must happen: a slow and busy machine is no fault, so only what hangs is told by it."""

SECONDS = 240.0
