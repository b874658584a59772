"""The value frontier: from one blast through k templates to one email per person."""
