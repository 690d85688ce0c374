"""Oracles: what others have written about the same things, asked whether they agree with us."""
