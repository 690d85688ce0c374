"""Tokens that give themselves away by their shape."""

from __future__ import annotations

import pytest

from cassettes.stand_ins import looks_like_token, shaped
from cassettes.token_shapes import beginning_of, tokens_in

from .tokens_in_tests import ALL, HOOKS, TOKENS


def found(text: str) -> list[tuple[str, str]]:
    """Return the tokens in *text*, each with its service."""
    octets = text.encode()
    return [(octets[token.start : token.end].decode(), token.service) for token in tokens_in(octets)]


@pytest.mark.parametrize(("service", "token"), [(service, token) for service in TOKENS for token in TOKENS[service]])
@pytest.mark.parametrize(
    "text", ["%s", "a %s, b", '{"a": "%s"}', "'%s'", "(%s)", "x=%s&y=1", "a%%20%s", '"a\\n%s\\n"', "https://h/%s/a"]
)
def test_a_token_is_found_wherever_it_stands(service: str, token: str, text: str) -> None:
    """All of it, and nothing else."""
    assert found(text % token) == [(token, service)]


@pytest.mark.parametrize("service", HOOKS)
def test_of_the_url_of_a_webhook_its_end_is_the_secret(service: str) -> None:
    """Also where JSON escapes its slashes."""
    public, secret = HOOKS[service]
    assert found(f"post to {public}{secret}/x now") == [(secret, service)]
    assert found(f"{public}{secret}".replace("/", "\\/")) == [(secret, service)]


@pytest.mark.parametrize("token", ALL)
def test_the_stand_in_of_a_token_has_its_shape(token: str) -> None:
    """It is found again in the recording, and a program that looks at the beginning goes on."""
    stand_in = shaped(token.encode())
    [(again, _)] = found(stand_in.decode())
    assert again.encode() == stand_in
    assert shaped(stand_in) == stand_in
    assert looks_like_token(token.encode())
    assert looks_like_token(stand_in)
    kept = beginning_of(token.encode())
    assert 0 < kept < len(token)
    assert stand_in[:kept].decode() == token[:kept]
    assert set(stand_in[kept:]) <= set(b"x-._=/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the task-force-of-the-year-2026-has-met",
        "sk-folding-cube sk-fading-circle-and-more-of-that",
        "disk-0123456789abcdef01234567",
        "npm_config_registry_of_our_own_making",
        "KIAKIA" + "AKIA" + "0123456789ABCDEF",
        "AKIA" + "0123456789ABCDEFGHI",
        "eyJhbGciOiJIUzI1NiJ9",
        "hf_hub_download(repo_id, filename)",
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "key-value-store-for-the-rest-of-us",
        "/services/T1/B2/short",
        "/webhooks/12/deliveries",
        "/bottles/123456:and-more-of-these-1",
    ],
)
def test_what_only_begins_like_a_token_is_none(text: str) -> None:
    """Words, names of classes, identifiers, and what has too little of it."""
    assert found(text) == []


def test_several_tokens_are_found_in_their_order() -> None:
    """One after the other, and what follows one that is none."""
    text = " ".join([*ALL, "xAKIA", *reversed(ALL)])
    assert [token for token, _ in found(text)] == [*ALL, *reversed(ALL)]
