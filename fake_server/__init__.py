"""A fake HTTP(S) server for tests, in the process that tests.

Law: only public names stand here; the code is in the modules.
"""
