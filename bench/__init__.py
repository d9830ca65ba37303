"""Benchmarks: each prints its figures, then one line a ratio against a peer measured in the same run."""
