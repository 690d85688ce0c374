"""Tests of `httplib_sim.wire`, module by module; the cases that anyone can add to are in cases/*.md."""
