"""Tests of fake_server, over real sockets."""
