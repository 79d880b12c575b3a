"""A secret in a form is set, replaced or cleared; the page never holds more than its last four characters."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.http import QueryDict

from connections.widgets import SecretField, StoredSecret

SECRET = "correct-horse-battery-staple"
SET_AT = dt.datetime(2025, 3, 9, 14, 5, tzinfo=dt.UTC)


class CredentialsForm(forms.Form):
    user = forms.CharField()
    password = SecretField(required=False)


class RequiredForm(forms.Form):
    password = SecretField(min_length=6)


class KeyForm(forms.Form):
    private_key = SecretField(multiline=True, required=False)


def form(form_class: type[forms.Form], data: str | None = None, stored: str | None = None) -> Any:
    name = next(reversed(form_class.base_fields))
    return form_class(QueryDict(data) if data is not None else None, initial={"user": "acme", name: stored})


# What the page shows


def test_an_empty_field_asks_for_the_secret() -> None:
    page = form(RequiredForm).as_p()
    assert 'type="password"' in page
    assert " required" in page
    assert "Set" not in page
    assert 'type="checkbox"' not in page


def test_a_stored_secret_shows_its_end_and_its_time(settings: Any) -> None:
    shown = form(CredentialsForm, stored=SECRET)
    shown.fields["password"].set_at = SET_AT
    page = shown.as_p()
    assert "…aple" in page
    assert "9 Mar 2025, 14:05 UTC" in page
    assert SECRET not in page
    assert SECRET[:-4] not in page
    assert "Clear" in page


def test_the_time_comes_from_the_instance_of_a_model_form() -> None:
    shown = form(CredentialsForm, stored=SECRET)
    shown.instance = SimpleNamespace(password_set_at=SET_AT)
    assert "9 Mar 2025" in str(shown["password"])


@pytest.mark.parametrize(
    "short", ["§", "1234", "hunter2", "11-letters!", "-----BEGIN KEY-----\n§§§§\n-----END KEY-----\n"]
)
def test_nothing_is_shown_of_a_short_secret_or_a_key(short: str) -> None:
    assert StoredSecret.describe(short).tail == ""
    page = str(form(CredentialsForm, stored=short)["password"])
    assert "Set. Leave empty to keep it." in " ".join(page.split())
    assert short[-4:] not in page


def test_the_end_of_a_secret_is_escaped() -> None:
    page = str(form(CredentialsForm, stored="xxxxxxxxxxxx<b>!")["password"])
    assert "&lt;b&gt;!" in page
    assert "<b>" not in page


def test_a_required_secret_that_is_stored_can_be_kept_but_not_cleared() -> None:
    page = str(form(RequiredForm, stored=SECRET)["password"])
    assert " required" not in page
    assert "Clear" not in page


def test_a_rejected_form_comes_back_without_what_was_typed() -> None:
    rejected = form(CredentialsForm, "user=&password=brand-new-secret", stored=SECRET)
    assert not rejected.is_valid()
    page = rejected.as_p()
    assert "brand-new-secret" not in page
    assert "…aple" in page


def test_keys_of_several_lines_have_a_text_area() -> None:
    page = str(form(KeyForm, stored=SECRET)["private_key"])
    assert "<textarea" in page
    assert page.count("</textarea>") == 1
    assert SECRET not in page


def test_the_browser_does_not_fill_in_or_spell_check() -> None:
    page = str(form(CredentialsForm)["password"])
    assert 'autocomplete="new-password"' in page
    assert 'spellcheck="false"' in page


def test_the_label_belongs_to_the_input() -> None:
    page = form(CredentialsForm, stored=SECRET)
    assert page["password"].id_for_label == "id_password"
    assert 'id="id_password"' in str(page["password"])


# What the form gives back


@pytest.mark.parametrize(
    ("data", "stored", "cleaned", "changed"),
    [
        ("", None, None, False),
        ("", SECRET, SECRET, False),
        ("password=", SECRET, SECRET, False),
        ("password=new", None, "new", True),
        ("password=new", SECRET, "new", True),
        ("password=new&password-clear=1", SECRET, "new", True),
        ("password-clear=1", SECRET, None, True),
        ("password-clear=1", None, None, False),
        (f"password={SECRET}", SECRET, SECRET, False),
        ("password=+spaces+around+", None, " spaces around ", True),
    ],
)
def test_set_keep_replace_clear(data: str, stored: str | None, cleaned: str | None, changed: bool) -> None:
    sent = form(CredentialsForm, f"user=acme&{data}", stored)
    assert sent.is_valid(), sent.errors
    assert sent.cleaned_data["password"] == cleaned
    assert ("password" in sent.changed_data) is changed


@pytest.mark.parametrize(
    ("data", "stored", "error"),
    [
        ("password=", None, "This field is required."),
        ("password-clear=1", None, "This field is required."),
        ("password=short", SECRET, "at least 6 characters"),
    ],
)
def test_a_required_secret_has_its_rules(data: str, stored: str | None, error: str) -> None:
    sent = form(RequiredForm, data, stored)
    assert not sent.is_valid()
    assert error in str(sent.errors["password"])


def test_a_required_secret_survives_the_wish_to_clear_it() -> None:
    sent = form(RequiredForm, "password-clear=1", SECRET)
    assert sent.is_valid()
    assert sent.cleaned_data["password"] == SECRET


def test_a_pem_key_keeps_its_lines() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"
    data = QueryDict(mutable=True)
    data["private_key"] = pem.replace("\n", "\r\n")
    sent = KeyForm(data)
    assert sent.is_valid()
    assert sent.cleaned_data["private_key"] == pem


def test_what_was_sent_does_not_show_in_a_representation() -> None:
    sent = form(CredentialsForm, f"user=a&password={SECRET}")
    assert SECRET not in repr(sent["password"].data)


def test_two_forms_do_not_share_what_is_stored() -> None:
    first, second = form(CredentialsForm, "user=a", SECRET), form(CredentialsForm, "user=a", None)
    assert (first.is_valid(), second.is_valid()) == (True, True)
    assert (first.cleaned_data["password"], second.cleaned_data["password"]) == (SECRET, None)
