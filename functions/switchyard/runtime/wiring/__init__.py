"""Use cases joined with what they need, a file a station. Imports are inside: a function loads what it uses."""
