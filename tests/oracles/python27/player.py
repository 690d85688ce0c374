"""Plays scenarios with an httplib and says what happened: one program for Python 2.7 and for Python 3.

Law: no scenario and no judgement is here, and nothing that either Python lacks. All is in one thread, so nothing waits:
the system holds what was sent until somebody reads it. Content and text are both given as text (ISO-8859-1).

A scenario is a list of steps, each ``[name for the result, path, arguments, keywords]``; without arguments the path is
looked at, with them it is called. A result whose name begins with ``_`` is not shown. Paths begin with a name:
``httplib``, one that a step before gave, a function of `Stage.verbs` or one of `FUNCTIONS`. Arguments that JSON has no
word for are dictionaries of one key: see `MAKERS`.
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, check-untyped-defs=False
# mypy: disable-error-code=import-not-found
from __future__ import print_function

import array
import collections
import gc
import io
import json
import operator
import os
import re
import select
import shutil
import socket
import struct
import sys
import tempfile
import threading
import zlib

LONGEST = 300
"""Characters: of a text that is longer, only its beginning, its length and its checksum are written down."""
PATIENCE = 10.0
PYTHON2 = sys.version_info[0] == 2
Text = type(b"".decode("ascii"))
"""The type of text: unicode in Python 2, str in Python 3."""
if PYTHON2:
    from cStringIO import StringIO as Octets
else:
    Octets = io.BytesIO

FUNCTIONS = {
    "bool": bool,
    "contains": operator.contains,
    "delete": operator.delitem,
    "getattr": getattr,
    "hasattr": hasattr,
    "isinstance": isinstance,
    "issubclass": issubclass,
    "item": operator.getitem,
    "iterate": list,
    "len": len,
    "lines": lambda file: file.readlines(),
    "put": operator.setitem,
    "repr": repr,
    "same": operator.is_,
    "same_descriptor": lambda one, other: one.fileno() == other.fileno(),
    "setattr": setattr,
    "sorted": sorted,
    "str": str,
    "type": lambda thing: thing.__class__,
}


def native(text):
    """The str of this Python that has these characters."""
    return text.encode("latin-1") if PYTHON2 and not isinstance(text, str) else text


def octets(text):
    """The bytes of this Python that have these characters."""
    return text if isinstance(text, bytes) else text.encode("latin-1")


class Reader(object):
    """The least that is a file: read."""

    def __init__(self, pieces):
        self._pieces = [octets(piece) for piece in pieces]

    def read(self, size=-1):
        return self._pieces.pop(0) if self._pieces else b""


class FakeSocket(object):
    """The least that a response can be read from."""

    def __init__(self, content):
        self._content = octets(content)

    def makefile(self, mode="rb", size=None):
        return Octets(self._content)


def headers(pairs):
    """A mapping that keeps its order, in either Python."""
    return collections.OrderedDict((native(name), value) for name, value in pairs)


MAKERS = {
    "array": lambda stage, text: array.array("B", bytearray(octets(text))),
    "bytearray": lambda stage, text: bytearray(octets(text)),
    "bytes": lambda stage, text: octets(text),
    "file": lambda stage, content: stage.file(content),
    "iterator": lambda stage, pieces: iter([octets(piece) for piece in pieces]),
    "name": lambda stage, path: stage.resolve(path),
    "octets": lambda stage, text: Octets(octets(text)),
    "pairs": lambda stage, pairs: headers([[name, stage.make(value)] for name, value in pairs]),
    "pieces": lambda stage, pieces: [octets(piece) for piece in pieces],
    "port": lambda stage, _: stage.port,
    "reader": lambda stage, pieces: Reader(pieces),
    "socket": lambda stage, content: FakeSocket(content),
    "tuple": lambda stage, items: tuple(stage.make(item) for item in items),
    "unicode": lambda stage, text: text,
}


class Stage(object):
    """One scenario's names, and the server's end of its connections."""

    def __init__(self, httplib):
        self.httplib = httplib
        self.folder = None
        self.peers = []
        self._ahead = None
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(5)
        self._listener.settimeout(PATIENCE)
        self.port = self._listener.getsockname()[1]
        self.names = {"httplib": httplib}
        self.verbs = {"answer": self.answer, "answer_ahead": self.answer_ahead}
        self.verbs.update(FUNCTIONS)

    # The server

    def answer(self, content, then="keep"):
        """Send these octets on the newest connection; then keep it, end it, or reset it."""
        self._join()
        if self._pending() or not self.peers:
            self._accept()
        self._send(content, then)

    def _send(self, content, then):
        peer = self.peers[-1]
        try:
            peer.sendall(octets(content))
            if then == "end":
                peer.shutdown(socket.SHUT_WR)
        except socket.error:
            pass  # the client is gone already
        if then == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()

    def _join(self):
        if self._ahead is not None:
            self._ahead.join(PATIENCE)
            self._ahead = None

    def answer_ahead(self, content, then="keep"):
        """Send these octets as soon as there is a connection, while the next step is played."""

        def wait():
            self._accept()
            self._send(content, then)

        self._ahead = threading.Thread(target=wait)
        self._ahead.daemon = True
        self._ahead.start()

    def _pending(self):
        return bool(select.select([self._listener], [], [], 0)[0])

    def _accept(self):
        if not self._pending() and self._ahead is None:
            raise RuntimeError("the client has not connected")
        peer = self._listener.accept()[0]
        peer.settimeout(PATIENCE)
        self.peers.append(peer)

    def received(self):
        """What came, connection by connection; called when the client has closed all that it had."""
        self._join()
        while self._pending():
            self._accept()
        return [self._drain(peer) for peer in self.peers]

    def _drain(self, peer):
        pieces = []
        try:
            while True:
                piece = peer.recv(65536)
                if not piece:
                    break
                pieces.append(piece)
        except socket.timeout:
            pieces.append(b"(still open)")
        except socket.error:
            pass  # closed by the client before it had read all: what it sent came nevertheless
        peer.close()
        return self.shown(b"".join(pieces))

    # The client

    def file(self, content):
        """A file on disk, open for reading: its content, and where it stands."""
        self.folder = self.folder or tempfile.mkdtemp()
        path = os.path.join(self.folder, "body")
        with open(path, "wb") as file:
            file.write(octets(content["content"]))
        opened = open(path, "rb")
        opened.seek(content.get("at", 0))
        self.names["file"] = opened
        return opened

    def resolve(self, path):
        first, _, rest = native(path).partition(".")
        thing = self.names[first] if first in self.names else self.verbs[first]
        for name in rest.split(".") if rest else ():
            thing = getattr(thing, name)
        return thing

    def make(self, value):
        """The argument that a scenario means."""
        if isinstance(value, dict):
            ((kind, inner),) = value.items()
            return MAKERS[kind](self, inner)
        if isinstance(value, list):
            return [self.make(item) for item in value]
        if isinstance(value, (Text, str)):
            return native(value.replace("{port}", str(self.port)))
        return value

    def play(self, steps):
        """Play the steps; return what each has shown, and what the server has received."""
        seen = [self._observe(*step) for step in steps]
        self._close_all()
        got = self.received()
        self._listener.close()
        if self.folder is not None:
            shutil.rmtree(self.folder)
        return {"seen": seen, "received": got}

    def _observe(self, name, path, arguments=None, keywords=None):
        screen, sys.stdout = sys.stdout, io.BytesIO() if PYTHON2 else io.StringIO()
        printed = sys.stdout
        try:
            found = self._step(name, path, arguments, keywords)
        finally:
            sys.stdout = screen
        text = printed.getvalue()
        text = re.sub("send: b(?=['\"])", "send: ", text.replace("\r\n", "\n"))
        return {"value": found, "printed": self.shown(text)} if text else found

    def _step(self, name, path, arguments, keywords):
        try:
            thing = self.resolve(path)
            if arguments is not None:
                made = [self.make(argument) for argument in arguments]
                words = {native(word): self.make(value) for word, value in (keywords or {}).items()}
                thing = thing(*made, **words)
            shown = None if name.startswith("_") else self.shown(thing)
            if name:
                self.names[name] = thing
        except Exception as problem:
            if name:
                self.names.pop(name, None)
                self.names["problem"] = problem
            shown = self.raised(problem)
        if PYTHON2:
            sys.exc_clear()
        return shown

    def _close_all(self):
        for name in sorted(self.names, key=lambda name: name != "c"):
            close = getattr(self.names[name], "close", None)
            if close is not None and not isinstance(self.names[name], type):
                close()
        self.names.clear()
        gc.collect(1)  # what this scenario has made is young

    # What is written down

    def shown(self, value):
        """A value as JSON has it, the same for both Pythons where they mean the same."""
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, Text):
            value = re.sub(r"(?<![0-9])%d(?![0-9])" % self.port, "{port}", value)
            if len(value) > LONGEST:
                return "%s... (%d characters, %08x)" % (
                    value[:40],
                    len(value),
                    zlib.crc32(value.encode("latin-1")) & 0xFFFFFFFF,
                )
            return value.replace(self.folder, "{folder}") if self.folder else value
        if value is None or isinstance(value, (bool, float)):
            return value
        if isinstance(value, int) or type(value).__name__ == "long":
            return "{port}" if value == self.port else int(value)
        if isinstance(value, (list, tuple)):
            return [self.shown(item) for item in value]
        if isinstance(value, dict):
            return {"dictionary": sorted([self.shown(key), self.shown(item)] for key, item in value.items())}
        if isinstance(value, type) or type(value).__name__ == "classobj":
            return {"class": value.__name__}
        if isinstance(value, BaseException):
            return self.raised(value)
        return {"object": "socket" if hasattr(value, "getpeername") else value.__class__.__name__}

    def raised(self, problem):
        """An exception as JSON has it: its class as httplib's documentation calls it, and what it was made of."""
        if isinstance(problem, self.httplib.HTTPException):
            names = [kind.__name__ for kind in type(problem).__mro__]
            family = [name for name in names if name != "RemoteDisconnected" and hasattr(self.httplib, name)]
            shown = {"raises": family[0]}
            if not isinstance(problem, self.httplib.ImproperConnectionState):
                shown["arguments"] = self.shown(problem.args)
            if isinstance(problem, self.httplib.IncompleteRead):
                shown["partial"], shown["expected"] = self.shown(problem.partial), self.shown(problem.expected)
                shown["text"] = self.shown(str(problem))
            return shown
        if isinstance(problem, socket.timeout):
            return {"raises": "timeout"}
        if isinstance(problem, (socket.error, IOError, OSError)):
            told = len(problem.args) == 1
            return {"raises": "OSError", "arguments": self.shown(problem.args)} if told else {"raises": "OSError"}
        return {"raises": type(problem).__name__}


def play(httplib, scenarios):
    """What happens in each scenario, by its name."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        return {name: Stage(httplib).play(steps) for name, steps in scenarios.items()}
    finally:
        socket.setdefaulttimeout(before)


if __name__ == "__main__":
    import httplib as _httplib

    json.dump(play(_httplib, json.load(sys.stdin)), sys.stdout)
