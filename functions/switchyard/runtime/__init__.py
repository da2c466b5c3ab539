"""What turns the use cases into functions of Lambda: entry, settings, clients, adapters, and how they are joined."""

import gc

# What a start makes (classes, clients, models of services) stays: with the usual threshold of 700 objects all of it is
# searched for garbage 200 times, an eighth of a start's CPU.
gc.set_threshold(50_000)
