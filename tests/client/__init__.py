"""Tests of the client: `httplib_sim` and `httplib_sim.client` over real sockets."""
