"""Sequences with a known truth."""
