"""Measurements, each a program of its own: ratios to peers in one run, never in a test."""
