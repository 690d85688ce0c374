"""Secrets in XML and HTML."""

from __future__ import annotations

import pytest

from cassettes.markup_masking import mask_markup
from cassettes.masking import Masking
from cassettes.secret_names import SecretNames


def masked(text: bytes) -> bytes:
    """Return *text* without its secrets."""
    return mask_markup(text, Masking(SecretNames(), SecretNames()), "body")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"<a><Password>ab</Password></a>", b"<a><Password>xx</Password></a>"),
        (b'<w:password Type="x"> a b </w:password>', b'<w:password Type="x"> x x </w:password>'),
        (b"<password><![CDATA[a<b]]></password>", b"<password><![CDATA[x<b]]></password>"),
        (b"<token>ab", b"<token>xx"),
        (b"<token>ab</tok", b"<token>xx</tok"),
        (b'<input value="ab" name="token">', b'<input value="xx" name="token">'),
        (b"<meta name=csrf-token content=ab>", b"<meta name=csrf-token content=xx>"),
        (b'<param name="password" value="ab"/>', b'<param name="password" value="xx"/>'),
        (b'<add key="apiKey" value="ab" />', b'<add key="apiKey" value="xx" />'),
        (b'<entry key="password">ab</entry>', b'<entry key="password">xx</entry>'),
        (b'<string name="token">ab</string>', b'<string name="token">xx</string>'),
        (b'<textarea rows="1" name="password">ab</textarea>', b'<textarea rows="1" name="password">xx</textarea>'),
        (b"<key>password</key>\n <string>ab</string>", b"<key>password</key>\n <string>xx</string>"),
        (
            b"<member><name>password</name><value><string>ab</string></value></member>",
            b"<member><name>password</name><value><string>xx</string></value></member>",
        ),
        (
            b"<ParameterKey>Password</ParameterKey><ParameterValue>ab</ParameterValue>",
            b"<ParameterKey>Password</ParameterKey><ParameterValue>xx</ParameterValue>",
        ),
        (
            b"<Credentials>\n <KeyId>ab</KeyId><a/>\n</Credentials><b>c</b>",
            b"<Credentials>\n <KeyId>xx</KeyId><a/>\n</Credentials><b>c</b>",
        ),
        (b"<a>&lt;password&gt;ab&lt;/password&gt;</a>", b"<a>&lt;password&gt;xx&lt;/password&gt;</a>"),
        (b'<a b="{&quot;token&quot;: &quot;ab&quot;}">', b'<a b="{&quot;token&quot;: &quot;xx&quot;}">'),
    ],
)
def test_secrets_in_markup(text: bytes, expected: bytes) -> None:
    """By the name of the element, of an attribute, or of what stands before; a stand-in stays."""
    assert masked(text) == expected
    assert masked(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"<author>ann</author><Key>photos/a.jpg</Key><LastModified>2026</LastModified>",
        b"<Key>token</Key><LastModified>2026</LastModified>",
        b'<div id="password">Your password</div><label for="password">Password</label>',
        b'<input name="user" value="ann"><option value="1">one</option>',
        b"<password/><a>b</a>",
        b"<password></password><a>b</a>",
        b"<password>\n<a>b",
        b"<token >",
        b"&lt;user&gt;ann&lt;/user&gt; &quot;user&quot;:&quot;ann&quot;",
        b"<" * 1000 + b"a" * 1000,
    ],
)
def test_markup_without_secrets_stays(text: bytes) -> None:
    """What stands between tags of other names, and what is torn where nothing can be told."""
    assert masked(text) == text
