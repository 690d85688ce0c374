"""Python 2.7's httplib as an oracle: scenarios, a player for both Pythons, and the facts that were recorded.

``python -m tests.oracles.python27`` records the facts again; it needs a Python 2.7.
"""
