"""Why a model shipped or not: one self-contained HTML page a run."""
