"""Tests of `cassettes`, module by module."""
