"""Record and replay outgoing connections at the socket.

Law: only public names stand here, and importing the package costs next to nothing; the code is in the modules.
"""
