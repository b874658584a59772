"""What answers cost, what may be spent, and what a run is expected to cost."""
