"""Whatever looks like a secret is removed from text that people read; the rest of the text stays."""

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.urls import URLResolver, get_resolver
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tenants.redaction import HIDDEN, SecretDict, SecretStr, names_a_secret, redact, redact_value

SECRET = "hunter2-Xy9"
PEM = "-----BEGIN {kind}PRIVATE KEY-----\nMIIEvQIBADANBgkqhk\n{secret}\n-----END {kind}PRIVATE KEY-----"

PLACES = {
    "header": "Authorization: Bearer {secret}",
    "header, unknown scheme": "authorization: {secret}",
    "header with two words": "Authorization: Signature keyId=1 {secret}\nHost: example.org",
    "header in a dict": "{{'Authorization': 'Basic {secret}', 'Accept': '*/*'}}",
    "header in JSON": '{{"Proxy-Authorization": "Token {secret}"}}',
    "header in bytes": "{{b'Authorization': b'Bearer {secret}'}}",
    "bearer alone": "sent Bearer {secret} to the server",
    "form": "grant_type=password&password={secret}&client_id=7",
    "client secret": "client_secret={secret}",
    "access token": '{{"access_token": "{secret}", "token_type": "bearer"}}',
    "refresh token": "{{'refresh_token': '{secret}'}}",
    "verifier": "verifier={secret}&object_id=12",
    "verifier in JSON": '{{"verifier":"{secret}"}}',
    "query dict": "<QueryDict: {{'password': ['{secret}']}}>",
    "two passwords": "password1={secret}&password2={secret}",
    "prefixed name": "DB_PASSWORD={secret}",
    "key": "X-Api-Key: {secret}",
    "cookie": "Set-Cookie: {secret}; Path=/",
    "session": "sessionid={secret}; theme=dark",
    "CSRF": "csrfmiddlewaretoken={secret}&name=x",
    "settings": "SECRET_KEY='{secret}'",
    "field keys": "FIELD_ENCRYPTION_KEYS={secret}",
    "keyword argument": "connect(host='a', password='{secret}')",
    "hash rocket": "password => {secret}",
    "prose": "wrong password: {secret}",
    "XML": '<wsse:Password Type="text">{secret}</wsse:Password>',
    "JSON inside JSON": '{{"body": "{{\\"password\\": \\"{secret}\\"}}"}}',
    "cut off": '{{"password": "{secret}',
    "encoded form": "body=password%3D{secret}",
    "URL": "postgres://connector:{secret}@db.example.org/app",
    "URL with a token": "https://{secret}@git.example.org/x",
    "URL of a sign-in": "GET /connect/done?code={secret}&state=5",
    "signed URL": "https://files.example.org/a.csv?se=2025&sig={secret}",
    "PEM": PEM.replace("{kind}", ""),
    "PEM of a kind": PEM.replace("{kind}", "RSA "),
    "OpenSSH key": PEM.replace("{kind}", "OPENSSH "),
    "PEM cut off": "-----BEGIN EC PRIVATE KEY-----\nMIIEvQIBADANBgkqhk\n{secret}",
    "PEM in JSON": PEM.replace("{kind}", "").replace("\n", "\\n"),
    "PuTTY key": "PuTTY-User-Key-File-3\nPrivate-Lines: 2\nAAAA\n{secret}\nPrivate-MAC: 12",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_hidden(place: str) -> None:
    text = PLACES[place].format(secret=SECRET)
    for around in (
        text,
        f"It failed: {text} (twice: {text})",
        f"first\n{text}\nlast",
        json.dumps({"body": text}),
    ):
        redacted = redact(around)
        assert SECRET not in redacted
        assert HIDDEN in redacted
    assert redact(redact(text)) == redact(text)


@hypothesis_settings(max_examples=200)
@given(
    place=st.sampled_from(sorted(set(PLACES) - {"bearer alone"})),
    secret=st.text("abcXYZ0189-_.~+/!$*", min_size=8),
    before=st.text(max_size=30),
    after=st.text(max_size=30),
)
def test_secrets_of_many_shapes_are_hidden(place: str, secret: str, before: str, after: str) -> None:
    if "/" in secret and place.startswith("URL"):
        secret = quote(secret, safe="")
    text = PLACES[place].format(secret=secret)
    assert secret not in redact(f"{before}\n{text}\n{after}").replace(before, "").replace(after, "")


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJVadQssw5c",
        "gAAAAABm3hQx1q9mJq3e0bq0mX1m1cJ9Q0wqk5t3o6v8p0w2b5n8x4c7z1a6s9d3f5g7h8j9k0l2==",
        "Basic dXNlcjpwYXNz",
        "Bearer abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_tokens_are_known_by_their_look(text: str) -> None:
    assert redact(f"got {text} back") in {f"got {HIDDEN} back", f"got {text.split()[0]} {HIDDEN} back"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Delivered invoice 0000123 to Acme at 10:42",
        "Sign-in failed: the server refused the password",
        "Basic authentication was refused, bearer authentication is needed",
        "token_type: bearer",
        "GET https://api.example.org/accounting/account/a1/invoices?page=2&code_page=3 gave 404",
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*U*00401*1*0*P*>~",
        "support@example.org wrote at https://example.org/",
        "primary_key=5 author=me keys: 3 secretary=Ann code=404 public_key=AAAA",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE host",
        '{"password": ""}',
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert redact(text) == text.replace('"password": ""', f'"password": {HIDDEN}')


def test_only_the_secret_is_taken() -> None:
    form = urlencode({"client_id": "abc", "client_secret": SECRET, "grant_type": "refresh_token"})
    assert redact(form) == f"client_id=abc&client_secret={HIDDEN}&grant_type=refresh_token"
    assert redact(f"sftp://acme:{SECRET}@sftp.example.org:22/in") == f"sftp://{HIDDEN}@sftp.example.org:22/in"
    assert (
        redact(f"Not Found: /hooks/freshbooks/{SECRET * 2}/x") == f"Not Found: /hooks/freshbooks/{HIDDEN}/x"
    )
    assert redact(f"Authorization: Bearer {SECRET}\nHost: a") == f"Authorization: {HIDDEN}\nHost: a"
    assert redact(f"{PEM.format(kind='', secret=SECRET)} in settings") == f"{HIDDEN} in settings"


def routes_with_a_token(patterns: list[Any], before: str = "/") -> list[str]:
    """The addresses of ours that hold a token, as Django's patterns for them."""
    found = []
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += routes_with_a_token(pattern.url_patterns, route)
        elif "token>" in route:
            found.append(route)
    return found


def test_our_addresses_that_hold_a_token_are_redacted() -> None:
    routes = routes_with_a_token(get_resolver().url_patterns)
    assert len(routes) >= 4
    token = "Xy9-_hunter2:hunter2:hunter2"
    for route in routes:
        address = re.sub("<[^>]*>", "MTI", re.sub("<[^>]*token>", token, route))
        assert token in address
        assert token not in redact(f"Not Found: {address}")


@pytest.mark.parametrize(
    "filling",
    [
        "a",
        "password",
        "password=",
        "://",
        "Bearer ",
        "'",
        '"\\',
        "-----BEGIN PRIVATE KEY-----",
        "<token",
        "token=[",
    ],
)
def test_long_text_takes_no_longer_than_its_length(filling: str) -> None:
    """A pattern that backtracks would not end within the time limit of the test run."""
    redact(filling * (200_000 // len(filling)))


def test_values_are_redacted_by_type_name_and_look() -> None:
    value = {
        "url": f"https://u:{SECRET}@example.org",
        "password": SECRET,
        "nested": {"api_key": SECRET, "list": [SecretStr(SECRET), f"token={SECRET}", 7, None, True]},
        "credentials": SecretDict(password=SECRET),
        "count": 3,
        f"token={SECRET}": 1,
        "pair": (SECRET.encode(), SecretStr(SECRET)),
        "client_secret": None,
    }
    redacted = redact_value(value | {"pair": (1, SecretStr(SECRET))})
    assert SECRET not in json.dumps(redacted)
    assert redacted["nested"]["list"][2:] == [7, None, True]
    assert redacted["count"] == 3
    assert redacted["client_secret"] is None


@pytest.mark.parametrize(
    "name", ["password", "client_secret", "X-Api-Key", "REFRESH_TOKEN", "Authorization", "private_key"]
)
def test_names_that_announce_a_secret(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name", ["token_type", "public_key", "password_set_at", "host_key", "name", "secretary"]
)
def test_names_that_do_not(name: str) -> None:
    assert not names_a_secret(name)
