"""The demo: a real data set, four drops of it, and clients that never stop asking."""
