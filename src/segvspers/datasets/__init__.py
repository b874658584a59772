"""The sample: an invented vendor of email tools, its 5,000 contacts, and a finished test whose truth is known."""

from segvspers.datasets.make import copy_sample, make_sample, sample_path

__all__ = ["copy_sample", "make_sample", "sample_path"]
