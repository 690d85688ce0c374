"""Settings of Sphinx. Every warning is an error (see the Makefile), so what is quiet here is quiet for a reason."""

from __future__ import annotations

from importlib import metadata

project = "httplib-sim"
author = "the httplib-sim developers"
copyright = f"2026, {author}"  # noqa: A001  Sphinx's name
release = version = metadata.version("httplib-sim")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"{project} {release}"

default_role = "py:obj"  # `Name` in a docstring is a link wherever there is such a name
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "undoc-members": True, "show-inheritance": True}
# References to our own public names must resolve. Names of the standard library and of others are left alone: their
# inventories would have to be fetched, and this builds without a network.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!(httplib_sim|cassettes|fake_server)\.).*"),
    # Bases and protocols that a user never names.
    (r"py:class", r"cassettes\.(player\.Counterpart|sharing\.Run|socket_face\.SocketFace|sockets\.LiveSocket)"),
    (r"py:class", r"fake_server\.(answering\.Answering|hosting\.Hosting|tunnels\.End)"),
    (r"py:class", r"httplib_sim\.(link\.Link|content\.ContentFile|source\.RawFile|response\._T)"),
]
# An annotation says `Request` in two packages: the link goes to either.
suppress_warnings = ["ref.python"]
