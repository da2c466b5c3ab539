"""Programs that stand for AWS's own images.

Each runs in the environment of its image, and imports nothing of the plane.
"""
