"""A run of requests: orders of briefs, workers, their pace and its progress."""
