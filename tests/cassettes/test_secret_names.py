"""Which names stand before secrets."""

from __future__ import annotations

import re
from re import _parser  # type: ignore[attr-defined]  # nothing else tells what an expression matches
from typing import Any

import pytest

from cassettes import secret_names
from cassettes.secret_names import Kind, SecretNames

NAMES = SecretNames()
PUBLIC = (
    "user id key keys author authority authenticate max_tokens prompt_tokens tokens tokenizer token_type page_token "
    "nextPageToken continuation-token SyncToken sessions sid code state nonce public_key primary_key monkey passenger "
    "compass Sec-WebSocket-Key Idempotency-Key WWW-Authenticate Signature-Input - _ "
    "token_count tokens_used expires_in token_endpoint pagination_token startToken eos_token pad_token secretary "
    "client_secret_expires_at password_changed_at passwordExpiry password_policy password_length password_required "
    "secret_scanning secret_scanning_push_protection secretName secretArn apiKeyName pinned pins spin pincode panel "
    "company zip_code status_code country_code error_code promo_code lesson session_count cache_key foreignKey "
    "partition_key publishable_key storage disclaimer assertion assertions license account service authenticated_at "
    "oauth_provider sessionsPerDay otpauth_url cookie_consent hmac_algorithm digest etag hash sides oauth "
    "bypass dbpassenger appId "
    "OAuth2 secretKeyRef secretRefs imagePullSecrets"
)
SECRET = (
    "token access_token refresh_token id_token password passwd secret client_secret api_key apikey auth authorization "
    "session signature credential credentials private_key jwt apiKey API-Key x-api-key oauth_token csrfmiddlewaretoken "
    "X-Amz-Security-Token X-Amz-Signature X-Amz-Credential AWSAccessKeyId SecretAccessKey X-Hub-Signature-256 Cookie "
    "Set-Cookie Ocp-Apim-Subscription-Key PHPSESSID session_id user[password] password[] user.passwordConfirmation pwd "
    "sig token2 x-goog-api-key DD-APPLICATION-KEY password1 newPassword code_verifier "
    "client_assertion Cf-Access-Jwt-Assertion x-ms-authorization-auxiliary X-License-Key X-Consumer-Key X-Auth-Pin cvv "
    "CVC cvv2 card_cvc card_number cardNumber cc_number ssn otp X-GitHub-OTP mfa_code mfaCode otp_code sms_code "
    "verification_code recovery_code recovery_codes backupCodes security_code license_key licence_key service_key "
    "storageKey writeKey integrationKey connect.sid JSESSIONID ASP.NET_SessionId ASPSESSIONIDQQ hmac "
    "X-Shopify-Hmac-Sha256 connectionString connection_string security_answer oauth_verifier mnemonic seed_phrase "
    "db_pass smtpPass db_pwd psk wpa_psk mnemonic_phrase "
    ".dockerconfigjson kubeconfig social_security_number password_hash secret_id secrets_token X-Slack-Signature"
)


@pytest.mark.parametrize("name", SECRET.split())
def test_a_secret_name(name: str) -> None:
    """In any case, with any separators, as the end of a longer name."""
    assert name in NAMES
    assert name.upper() in NAMES
    assert name.replace("_", "-") in NAMES


@pytest.mark.parametrize("name", [*SECRET.split(), "Social Security Number", "user[tokens]", "API key", "PIN"])
def test_a_text_that_has_a_secret_name_is_told_quickly(name: str) -> None:
    """Whatever stands round the name; and each name of the lists is among those that are found so."""
    for text in (f'{{"{name}": 1}}', f"x\n{name}=1", f"<{name}>1</{name}>", f"a=b&{name}=1"):
        assert SecretNames().may_be_in(text.encode()), text


def test_each_name_of_the_lists_has_a_stem() -> None:
    """What is looked for first is in all of them, also in those that are added next."""
    patterns = (secret_names._ANYWHERE, secret_names._AT_THE_END)
    listed = [name for pattern in patterns for name in _alternatives(pattern.pattern)]
    listed += [*secret_names._WHOLE, *secret_names._PERHAPS, *secret_names._IN_DIGITS]
    assert len(listed) > 100
    assert [name for name in listed if not any(stem.decode() in name for stem in secret_names._STEMS)] == []


def _alternatives(pattern: str) -> list[str]:
    """All texts that *pattern* matches, without what is looked ahead for."""
    pattern = re.sub(r"\(\?![^)]*\)|[$]", "", pattern)
    texts = [""]
    for part in _parser.parse(pattern):
        texts = [text + more for text in texts for more in _texts(part)]
    return texts


def _texts(part: Any) -> list[str]:
    kind, value = part
    if kind is _parser.LITERAL:
        return [chr(value)]
    if kind is _parser.IN:
        return [chr(code) for _, code in value]
    if kind is _parser.MAX_REPEAT:
        return ["", *_joined(value[2])]
    if kind is _parser.SUBPATTERN:
        return _joined(value[3])
    assert kind is _parser.BRANCH, kind
    return [text for branch in value[1] for text in _joined(branch)]


def _joined(parts: Any) -> list[str]:
    texts = [""]
    for part in parts:
        texts = [text + more for text in texts for more in _texts(part)]
    return texts


def test_texts_that_have_no_secret_name_are_told_quickly() -> None:
    """Prose and data; words that contain what stands in a secret name are not enough."""
    names = SecretNames(more=["Kontonummer"])
    for text in ('{"company": "Spinning Key Ltd", "code": 7}', "the session\nis over", "a: b, c: shipping"):
        assert names.may_be_in(text.encode()) is ("session" in text), text
    assert names.may_be_in(b'{"konto_nummer": 1}')


@pytest.mark.parametrize("name", PUBLIC.split())
def test_a_name_that_is_none(name: str) -> None:
    """What only looks like one, or is public."""
    assert name not in NAMES


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"password", Kind.SECRET),
        (b"tokens", Kind.SEVERAL),
        (b"accessKeys", Kind.SEVERAL),
        (b"key", Kind.PERHAPS),
        (b"Code", Kind.PERHAPS),
        (b"sid", Kind.PERHAPS),
        (b"assertion", Kind.PERHAPS),
        (b"PIN", Kind.DIGITS),
        (b"ParameterName", Kind.LABEL),
        (b"primary_key", Kind.LABEL),
        (b"zip_code", Kind.OTHER),
        (b"keyword", Kind.OTHER),
        (b"monkeys", Kind.OTHER),
        (b"\xff", Kind.OTHER),
    ],
)
def test_names_are_of_kinds(name: bytes, kind: Kind) -> None:
    """Some stand before secrets only in some places."""
    assert NAMES.kind(name) is kind
    assert SecretNames(keep=(name.decode("latin-1"),)).kind(name) in {Kind.OTHER, Kind.LABEL}


def test_names_can_be_added_and_kept() -> None:
    """What is kept wins."""
    names = SecretNames(more=("IBAN", "x_tenant", "***"), keep=("session-id", "x-tenant"))
    assert "iban" in names
    assert "***" in names
    assert "**" not in names
    assert "X-Tenant" not in names
    assert "sessionId" not in names
    assert "session" in names


def test_what_is_no_text_is_no_name() -> None:
    """JSON's names are text always."""
    assert 1 not in NAMES
    assert None not in NAMES
