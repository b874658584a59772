"""Drawings of tidy frames on Axes: every function takes a frame and `ax` and returns the `Axes`.

Nothing here computes a result, shows or saves a figure, or sets a global style.
"""
