"""An HTTP client with the interface of Python 2.7's httplib, on Python 3.

Law: only public names stand here, as httplib's documentation lists them; the code is in the modules.
"""
