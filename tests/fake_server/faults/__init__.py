"""Tests of fake_server.faults."""
