"""The demo: a program talks to a real server, to a cassette, and to a fake server, and gets the same octets.

Law: nothing here is put on. The server is httpbin under gunicorn, in processes of its own; the sockets, the
certificates and the refused connections are real; what is compared is what came through the program's sockets.

================  ==========================================================================
`program`         what is performed three times
`httpbin`         the real server
`acts`            the three acts, and the end
`comparison`      what is held against what
`screen`          what it looks like
================  ==========================================================================
"""
