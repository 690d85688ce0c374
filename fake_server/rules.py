"""Rules: werkzeug's routing rules, such as ``/users/<int:id>``, as patterns of a path.

Law: one rule, one pattern; which of several rules counts is for the expectations to say. werkzeug is imported by
those who write a rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import BadExpectation

if TYPE_CHECKING:
    from werkzeug.routing import Rule


class RulePattern:
    """A path that werkzeug's *rule* fits, with or without converters; a str, or a `werkzeug.routing.Rule`.

    Raises `BadExpectation` if it is no rule, or one that says more than a path.
    """

    def __init__(self, rule: str | Rule) -> None:
        from werkzeug.routing import Map, Rule  # noqa: PLC0415  only for those who write a rule

        self.pattern = rule if isinstance(rule, str) else rule.rule
        if isinstance(rule, Rule) and (rule.methods or rule.host or rule.subdomain):
            raise BadExpectation(f"expected a rule of a path alone, got {rule!r}: the method is an argument of its own")
        try:
            rules = Map([Rule(rule) if isinstance(rule, str) else rule.empty()], merge_slashes=False)
        except (ValueError, LookupError, SyntaxError) as error:
            raise BadExpectation(f"expected a rule such as '/users/<int:id>', got {self.pattern!r}: {error}") from error
        self._adapter = rules.bind("localhost")

    def match(self, path: str) -> dict[str, Any] | None:
        """Return what the rule finds in *path*, percent-decoded; None if it does not fit."""
        from werkzeug.exceptions import HTTPException  # noqa: PLC0415

        try:
            _, arguments = self._adapter.match(path)
        except HTTPException:  # not found, or a redirect to a path with a slash more: another path
            return None
        return dict(arguments)

    def __repr__(self) -> str:
        return f"<RulePattern {self.pattern}>"
