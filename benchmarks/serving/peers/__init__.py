"""The peers, each a few lines in its own framework's way; their environment is requirements/peers.txt."""
