"""Encrypted model fields.

The columns are those of django-encrypted-model-fields (a Fernet token in a text column), so that its
format and its keys stay usable. The library's own fields lose or show secrets in some everyday situations
(expressions, look-ups, fixtures, a wrong key); the fields here refuse every one of those.
"""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from encrypted_model_fields.fields import EncryptedMixin

from connections.widgets import SecretField, SecretInput
from tenants.redaction import HIDDEN, SecretDict, SecretStr


class DecryptionError(Exception):
    """No configured key opens a stored value. Carries no part of the value."""


def newest_key() -> Fernet:
    """The key that encrypts: the first of `settings.FIELD_ENCRYPTION_KEY`."""
    return _fernets(_configured_keys())[0]


def all_keys() -> MultiFernet:
    """Every configured key: encrypts with the first, decrypts with any."""
    return MultiFernet(_fernets(_configured_keys()))


def encrypt(plain: str) -> str:
    """`plain` as a Fernet token (ASCII) made with the newest key."""
    return newest_key().encrypt(plain.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """The text inside a Fernet token. Raises `InvalidToken` when no configured key opens it."""
    try:
        return all_keys().decrypt(token.encode("ascii")).decode()
    except UnicodeEncodeError as error:
        raise InvalidToken from error


def _configured_keys() -> tuple[str, ...]:
    keys = settings.FIELD_ENCRYPTION_KEY
    return (keys,) if isinstance(keys, str) else tuple(keys)


@lru_cache(maxsize=4)
def _fernets(keys: tuple[str, ...]) -> tuple[Fernet, ...]:
    """The keys, parsed once for each value of the setting."""
    if not any(keys):
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS holds no key.")
    fernets = []
    for number, key in enumerate(keys, start=1):
        try:
            fernets.append(Fernet(key))
        except ValueError:
            raise ImproperlyConfigured(
                f"Key {number} in FIELD_ENCRYPTION_KEYS is not a Fernet key: 32 bytes in URL-safe base64."
            ) from None
    return tuple(fernets)


class _StrictEncryptedField(EncryptedMixin, models.Field):
    """What both encrypted fields share.

    - A value reads back as it was saved, or reading raises `DecryptionError`: never the ciphertext.
    - Expressions are refused, and with them `bulk_update()`: the library would encrypt their `repr()`.
    - Only `isnull` can be looked up: equal secrets have different ciphertexts, so nothing else can match.
    - The value never enters a fixture (`dumpdata`) or a page of the admin, and its `repr()` is hidden.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["serialize"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["serialize"]
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_options()]

    def _check_options(self) -> list[checks.CheckMessage]:
        wrong = [
            option
            for option, given in {
                "unique": self.unique,
                "primary_key": self.primary_key,
                "db_index": self.db_index,
                "db_default": self.has_db_default(),
                "choices": self.choices,
            }.items()
            if given
        ]
        return [
            checks.Error(
                f"An encrypted field cannot have {option!r}.",
                hint="Equal values have different ciphertexts. To look one up keep a keyed hash beside it.",
                obj=self,
                id="connections.E002",
            )
            for option in wrong
        ]

    def dump(self, value: Any) -> str:
        """The text to encrypt for a Python value; raises `TypeError` for a value of another type."""
        raise NotImplementedError

    def load(self, text: str) -> Any:
        """The Python value for a decrypted text."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        """`value` itself: what a form or a fixture brings is never taken for ciphertext."""
        return value

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        if value is None:
            return None
        try:
            return self.load(decrypt(value))
        except InvalidToken:
            raise DecryptionError(
                f"{self} cannot be decrypted with the configured FIELD_ENCRYPTION_KEYS."
            ) from None

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> str | None:
        if value is None:
            return None
        if hasattr(value, "resolve_expression") or hasattr(value, "as_sql"):
            raise FieldError(
                f"{self} is encrypted: expressions and bulk_update() cannot write it. Save each object."
            )
        return encrypt(self.dump(value))

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, *_: Any, **__: Any) -> NoReturn:
        """Called for a value that is compared in SQL, which can never match."""
        raise FieldError(f"{self} is encrypted: it cannot be compared with a value.")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(
                f"{self} is encrypted: it can only be looked up with 'isnull', not {lookup_name!r}."
            )
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self} is encrypted: {lookup_name!r} cannot be applied to it.")

    @property
    def flatchoices(self) -> list[tuple[str, str]]:
        """Where the admin looks for the text of a value before it shows the value itself. It finds none."""
        return [(HIDDEN, HIDDEN)]

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise FieldError(f"{self} is encrypted: it is not written into fixtures.")


class EncryptedTextField(_StrictEncryptedField, models.TextField):
    """A string, encrypted at rest. Reads as `SecretStr`."""

    description = "Encrypted text"

    def dump(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self} takes a string, not {type(value).__name__}.")
        return str(value)

    def load(self, text: str) -> SecretStr:
        return SecretStr(text)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        defaults = {"form_class": SecretField, "empty_value": None if self.null else ""}
        # A general widget for text, as the admin asks for, would show the value.
        if not isinstance(kwargs.get("widget"), SecretInput):
            kwargs["widget"] = SecretInput
        return super().formfield(**defaults | kwargs)


class EncryptedJSONField(_StrictEncryptedField):
    """A JSON object, encrypted at rest: a dict goes in, a `SecretDict` comes out.

    It has no form field: the form of each system edits the values one by one with `SecretField`.
    """

    description = "Encrypted JSON object"
    empty_strings_allowed = False

    if TYPE_CHECKING:
        _pyi_private_set_type: dict[str, Any]
        _pyi_private_get_type: dict[str, Any]

    def dump(self, value: Any) -> str:
        if not isinstance(value, dict):
            raise TypeError(f"{self} takes a dict, not {type(value).__name__}.")
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def load(self, text: str) -> SecretDict:
        return SecretDict(json.loads(text))

    def formfield(self, **_: Any) -> None:
        return None
