"""The encrypted fields keep a secret, give it back as it was, and refuse whatever would lose or show it."""

import copy
import json
import pickle
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps.registry import Apps
from django.contrib.admin.utils import display_for_field
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import Case, F, Max, Q, Value, When
from django.db.models.functions import Concat, Upper
from django.forms.models import modelform_factory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connections.fields import DecryptionError, EncryptedTextField
from tenants.redaction import SecretDict, SecretStr
from tests.platform.conftest import Vault, column, overwrite

SECRET = "s3cret-Käse-密碼-9f8e7d6c"


def model_field(name: str) -> models.Field:
    found = Vault._meta.get_field(name)
    assert isinstance(found, models.Field)
    return found


# A value comes back as it was


@pytest.mark.parametrize(
    "value", [SECRET, "", " leading and trailing \n", "gAAAAABlooks-like-a-token", "0", "x" * 100_000]
)
def test_text_is_read_back_unchanged_and_stored_encrypted(
    vault: type[Vault], keys: list[str], value: str
) -> None:
    vault.objects.create(id=1, password=value)
    assert vault.objects.get().password == value
    assert vault.objects.values_list("password", flat=True)[0] == value
    stored = column("password", 1)
    assert stored.startswith("gAAAAA")
    assert Fernet(keys[0]).decrypt(stored).decode() == value


def test_none_is_null_and_an_empty_string_is_not(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=None)
    vault.objects.create(id=2, password="")
    assert column("password", 1) is None
    assert vault.objects.get(password__isnull=True).pk == 1
    assert vault.objects.get(password__isnull=False).password == ""


def test_a_json_object_is_read_back_as_a_dict(vault: type[Vault]) -> None:
    value = {"user": "acme", "password": SECRET, "port": 22, "ok": True, "no": None, "list": [1, {"a": "é"}]}
    vault.objects.create(id=1, settings=value)
    stored = vault.objects.get().settings
    assert stored == value
    assert isinstance(stored, dict)
    assert SECRET not in column("settings", 1)


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)
@given(
    text=st.none() | st.text(),
    data=st.dictionaries(
        st.text(),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text()
            | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=10,
        ),
    ),
)
def test_whatever_is_saved_is_read_back(vault: type[Vault], text: str | None, data: dict[str, Any]) -> None:
    vault.objects.update_or_create(id=1, defaults={"password": text, "settings": data})
    saved = vault.objects.get()
    assert (saved.password, saved.settings) == (text, data)


def test_every_plain_way_of_writing_encrypts(vault: type[Vault]) -> None:
    vault.objects.bulk_create([vault(id=pk, password=f"{SECRET}{pk}") for pk in (1, 2)])
    vault.objects.filter(id=2).update(password="changed", settings={"a": 1})
    item = vault.objects.get(id=1)
    item.password = "saved again"
    item.save(update_fields=["password"])
    assert dict(vault.objects.values_list("id", "password")) == {1: "saved again", 2: "changed"}
    assert vault.objects.get(id=2).settings == {"a": 1}
    assert column("password", 2).startswith("gAAAAA")


def test_an_upsert_writes_the_new_value(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password="old")
    vault.objects.bulk_create(
        [vault(id=1, password="new")], update_conflicts=True, update_fields=["password"], unique_fields=["id"]
    )
    assert vault.objects.get().password == "new"


def test_a_deferred_value_and_an_annotation_are_decrypted(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET)
    assert vault.objects.defer("password").get().password == SECRET
    assert vault.objects.annotate(again=F("password")).values_list("again", flat=True)[0] == SECRET


# Keys


def test_the_newest_key_writes_and_every_key_reads(
    vault: type[Vault], keys: list[str], settings: Any
) -> None:
    old, new = keys
    vault.objects.create(id=1, password="by the old key")
    settings.FIELD_ENCRYPTION_KEY = [new, old]
    vault.objects.create(id=2, password="by the new key")
    assert dict(vault.objects.values_list("id", "password")) == {1: "by the old key", 2: "by the new key"}
    assert Fernet(new).decrypt(column("password", 2)) == b"by the new key"


def test_a_wrong_key_raises_and_never_gives_ciphertext(
    vault: type[Vault], keys: list[str], settings: Any
) -> None:
    vault.objects.create(id=1, password=SECRET)
    before = column("password", 1)
    settings.FIELD_ENCRYPTION_KEY = keys[1:]
    with pytest.raises(DecryptionError, match=r"vault\.Vault\.password cannot be decrypted") as caught:
        vault.objects.get()
    assert before not in str(caught.value)
    assert column("password", 1) == before


@pytest.mark.parametrize(
    "damaged", ["", "plain text", "gAAAAA", "gAAAAABé", "\x00" if connection.vendor == "sqlite" else "-"]
)
def test_a_damaged_value_raises(vault: type[Vault], damaged: str) -> None:
    vault.objects.create(id=1, password=SECRET)
    overwrite("password", 1, damaged)
    with pytest.raises(DecryptionError):
        vault.objects.get()


def test_one_changed_character_raises(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET)
    stored = column("password", 1)
    middle = len(stored) // 2
    overwrite("password", 1, stored[:middle] + ("A" if stored[middle] != "A" else "B") + stored[middle + 1 :])
    with pytest.raises(DecryptionError):
        vault.objects.get()


def test_rows_without_the_secret_can_be_read_with_a_wrong_key(
    vault: type[Vault], keys: list[str], settings: Any
) -> None:
    vault.objects.create(id=1, password=SECRET, label="Acme")
    settings.FIELD_ENCRYPTION_KEY = keys[1:]
    assert vault.objects.only("label").get().label == "Acme"


@pytest.mark.parametrize(
    ("wrong", "message"), [([], "no key"), ([""], "no key"), (["short"], "Key 1"), (None, "Key 2")]
)
def test_a_malformed_key_is_named_by_its_place_only(
    vault: type[Vault], keys: list[str], settings: Any, wrong: list[str] | None, message: str
) -> None:
    settings.FIELD_ENCRYPTION_KEY = [keys[0], "mistyped-key"] if wrong is None else wrong
    with pytest.raises(ImproperlyConfigured, match=message) as caught:
        vault.objects.create(id=1, password=SECRET)
    assert "mistyped-key" not in str(caught.value)


# What the library would lose in silence is refused


@pytest.mark.parametrize(
    "expression",
    [
        F("label"),
        Value(SECRET),
        Value(SECRET, output_field=EncryptedTextField()),
        Upper(Value(SECRET)),
        Concat(Value("a"), Value("b")),
        Case(When(id=1, then=Value("x")), default=Value("y"), output_field=models.TextField()),
        models.Subquery(Vault.objects.values("label")[:1]),
    ],
)
def test_expressions_are_refused_and_change_nothing(vault: type[Vault], expression: Any) -> None:
    vault.objects.create(id=1, password=SECRET, label="Acme")
    before = column("password", 1)
    with pytest.raises(FieldError, match="expressions and bulk_update"), transaction.atomic():
        vault.objects.update(password=expression)
    with pytest.raises(FieldError), transaction.atomic():
        vault.objects.filter(id=1).update(settings=expression)
    item = vault.objects.get()
    item.password = expression
    with pytest.raises(FieldError), transaction.atomic():
        item.save()
    assert column("password", 1) == before


def test_bulk_update_is_refused_for_a_secret_and_works_beside_it(vault: type[Vault]) -> None:
    items = [vault.objects.create(id=pk, password=SECRET, settings={"k": SECRET}) for pk in (1, 2)]
    for item in items:
        item.label, item.password = "new label", "new"
    with pytest.raises(FieldError, match="Save each object"), transaction.atomic():
        vault.objects.bulk_update(items, ["password"])
    with pytest.raises(FieldError), transaction.atomic():
        vault.objects.bulk_update(items, ["settings", "label"])
    vault.objects.bulk_update(items, ["label"])
    assert list(vault.objects.values_list("label", "password")) == [("new label", SECRET)] * 2
    assert vault.objects.get(id=2).settings == {"k": SECRET}


@pytest.mark.parametrize("value", [b"bytes", 1, True, {"a": 1}, ["a"], object()])
def test_text_takes_a_string_only(vault: type[Vault], value: Any) -> None:
    with pytest.raises(TypeError, match="takes a string"):
        vault.objects.create(id=1, password=value)


@pytest.mark.parametrize("value", ["{}", b"{}", [1], 1, True])
def test_json_takes_a_dict_only(vault: type[Vault], value: Any) -> None:
    with pytest.raises(TypeError, match="takes a dict"):
        vault.objects.create(id=1, settings=value)


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": object()}, {"a": {1, 2}}])
def test_json_takes_what_json_can_hold(vault: type[Vault], value: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        vault.objects.create(id=1, settings=value)


@pytest.mark.parametrize(
    "condition",
    [
        Q(password=SECRET),
        Q(password=None),
        Q(password__exact=SECRET),
        Q(password__in=[SECRET]),
        Q(password__contains="s"),
        Q(password__startswith="gAAAAA"),
        Q(password__gt=""),
        Q(password__regex="."),
        Q(password=F("label")),
        Q(settings={}),
        Q(settings__has_key="user"),
        Q(settings__user="acme"),
        Q(settings__contains={"user": "acme"}),
    ],
)
def test_look_ups_are_refused(vault: type[Vault], condition: Q) -> None:
    with pytest.raises(FieldError, match="encrypted"):
        list(vault.objects.filter(condition))
    with pytest.raises(FieldError, match="encrypted"):
        list(vault.objects.exclude(condition))


def test_a_value_is_not_sent_to_the_database_to_be_compared(vault: type[Vault]) -> None:
    with pytest.raises(FieldError, match="encrypted"):
        list(vault.objects.annotate(x=Value(SECRET, output_field=EncryptedTextField())))


def test_sql_functions_on_ciphertext_never_give_a_value(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET)
    with pytest.raises(DecryptionError):
        vault.objects.annotate(x=Upper("password")).get()
    assert vault.objects.aggregate(x=Max("password"))["x"] == SECRET


@pytest.mark.parametrize(
    "option", [{"unique": True}, {"db_index": True}, {"choices": [("a", "A")]}, {"db_default": "x"}]
)
def test_options_that_cannot_work_are_errors_of_the_system_check(option: dict[str, Any]) -> None:
    class Wrong(models.Model):  # noqa: DJ008
        secret = EncryptedTextField(**option)

        class Meta:
            app_label = "vault"
            apps = Apps()

    assert "connections.E002" in [error.id for error in Wrong.check(databases=["default"])]


def test_a_sound_field_passes_the_system_check() -> None:
    assert [
        error for error in Vault.check(databases=["default"]) if str(error.id).startswith("connections")
    ] == []


# A secret is not shown


def test_pasted_ciphertext_is_not_decrypted(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET)
    token = column("password", 1)
    pasted = vault(id=2, password=token)
    pasted.full_clean(exclude=["label", "settings"])
    pasted.save()
    assert vault.objects.get(id=2).password == token


@pytest.mark.parametrize("format_name", ["json", "jsonl", "xml", "python", "yaml"])
def test_a_fixture_holds_no_secret(vault: type[Vault], format_name: str) -> None:
    vault.objects.create(id=1, password=SECRET, settings={"password": SECRET}, label="Acme")
    for fields in (None, ["label", "password", "settings"]):
        dumped = str(serializers.serialize(format_name, vault.objects.all(), fields=fields))
        assert "Acme" in dumped
        assert SECRET not in dumped
        assert "gAAAAA" not in dumped


def test_the_field_refuses_to_serialise_itself() -> None:
    item = Vault(id=1, password=SECRET)
    with pytest.raises(FieldError, match="fixtures"):
        model_field("password").value_to_string(item)


def test_the_representation_of_a_read_value_hides_it(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET, settings={"password": SECRET})
    item = vault.objects.get()
    shown = f"{item!r} {item.password!r} {item.settings} {item.settings!r} {vars(item)} {[item.password]}"
    assert SECRET not in shown
    assert "'password': [hidden]" in shown


def test_the_admin_shows_no_value_where_it_is_read_only(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET, settings={"password": SECRET})
    item = vault.objects.get()
    for name in ("password", "settings"):
        assert display_for_field(getattr(item, name), model_field(name), "-") == "-"


def test_a_read_value_is_an_ordinary_value_otherwise() -> None:
    text, data = SecretStr("abc"), SecretDict(a="b")
    assert f"Bearer {text}" == "Bearer abc"
    assert text.encode() == b"abc"
    assert text + "d" == "abcd"
    assert json.dumps([text, data]) == '["abc", {"a": "b"}]'
    for value in (text, data):
        assert copy.deepcopy(value) == value
        assert type(pickle.loads(pickle.dumps(value))) is type(value)  # noqa: S301


def test_errors_do_not_repeat_the_value(vault: type[Vault]) -> None:
    with pytest.raises(TypeError) as wrong_type:
        vault.objects.create(id=1, settings=SECRET)
    with pytest.raises(FieldError) as compared:
        list(vault.objects.filter(password=SECRET))
    with pytest.raises(FieldError) as expression:
        vault.objects.update(password=Value(SECRET))
    assert not any(SECRET in str(error.value) for error in (wrong_type, compared, expression))


# Migrations and forms


def test_migrations_are_stable_and_hold_no_library_path() -> None:
    for name, written in {
        "password": "connections.fields.EncryptedTextField(blank=True, null=True)",
        "settings": "connections.fields.EncryptedJSONField(default=dict)",
    }.items():
        code, imports = MigrationWriter.serialize(model_field(name))
        assert code == written
        assert imports == {"import connections.fields"}
        assert model_field(name).clone().deconstruct()[1:] == model_field(name).deconstruct()[1:]


def test_a_model_form_never_renders_the_secret(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET, settings={"password": SECRET})
    form_class = modelform_factory(Vault, fields=["label", "password", "settings"])
    page = form_class(instance=vault.objects.get()).as_p()
    assert SECRET not in page
    assert "7d6c" in page
    assert "settings" not in form_class.base_fields


def test_a_model_form_keeps_replaces_and_clears(vault: type[Vault]) -> None:
    vault.objects.create(id=1, password=SECRET)
    form_class = modelform_factory(Vault, fields=["password"])
    for data, expected in [
        ({}, SECRET),
        ({"password": ""}, SECRET),
        ({"password": "a new secret"}, "a new secret"),
        ({"password-clear": "1"}, None),
    ]:
        form = form_class(data, instance=vault.objects.get())
        assert form.is_valid(), form.errors
        form.save()
        assert vault.objects.get().password == expected
