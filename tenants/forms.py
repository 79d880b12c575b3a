"""The forms of accounts, members and organisations."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.forms import AuthenticationForm

from tenants.models import Invitation, Membership, Role, Tenant, User

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def time_zone_choices() -> list[tuple[str, Any]]:
    """All places by region, "UTC" first: `("Europe", [("Europe/Paris", "Europe/Paris"), ...])`."""
    names = sorted(available_timezones())
    by_region = {region: [name for name in names if name.startswith(f"{region}/")] for region in REGIONS}
    return [("UTC", "UTC")] + [
        (region, [(name, name.replace("_", " ")) for name in places]) for region, places in by_region.items()
    ]


class EmailField(forms.EmailField):
    """An e-mail address, in lower case as everywhere."""

    widget = forms.EmailInput(attrs={"autocomplete": "email"})

    def clean(self, value: Any) -> str:
        return super().clean(value).lower()


class TimeZoneField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Schedules and the times on screen follow it.")
        super().__init__(choices=time_zone_choices, **kwargs)


class NewPasswordField(forms.CharField):
    """A password to be chosen: shown as typed dots, kept as typed (spaces included)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            help_text="At least 10 characters. A few unrelated words make a good one.",
            **kwargs,
        )


class LowerCaseLogin(AuthenticationForm):
    """Capitals in the address do not matter, and do not earn further tries from the login throttle either."""

    error_messages = {
        "invalid_login": "The e-mail address or the password is wrong. Check both, or choose a new password.",
        "inactive": "This account is switched off. Ask an owner of your organisation, or our support.",
    }

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        """Hands the address on as `email`: the login throttle looks for the name of the user model's field,
        and would count nothing under Django's `username`.
        """
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            self.user_cache = authenticate(self.request, email=email, password=password)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class LoginForm(LowerCaseLogin):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True}
        )


class StaffLoginForm(LowerCaseLogin, AdminAuthenticationForm):
    """The same for the support pages."""


class AddressForm(forms.Form):
    """One e-mail address, to which a link is sent: sign-up and forgotten passwords."""

    email = EmailField(label="E-mail address")


class NewUserForm(forms.Form):
    """The name and password of someone whose address is known already."""

    full_name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = NewPasswordField()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        user = User(email=self.email, full_name=cleaned.get("full_name", ""))
        if password := cleaned.get("password"):
            try:
                password_validation.validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class FinishSignUpForm(NewUserForm):
    organisation = forms.CharField(
        label="Organisation",
        max_length=120,
        help_text="The company whose books you keep. You can add others later.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    time_zone = TimeZoneField(
        label="Time zone", widget=forms.Select(attrs={"data-browser-time-zone": ""}), initial="UTC"
    )
    field_order = ["full_name", "organisation", "time_zone", "password"]


class TenantForm(forms.ModelForm):
    time_zone = TimeZoneField(label="Time zone")

    class Meta:
        model = Tenant
        fields = ["name", "time_zone"]


class NewTenantForm(TenantForm):
    time_zone = TimeZoneField(
        label="Time zone", widget=forms.Select(attrs={"data-browser-time-zone": ""}), initial="UTC"
    )


class InvitationForm(forms.ModelForm):
    email = EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(
        choices=[(role.value, f"{role.label}: {role.description}") for role in Role],
        initial=Role.VIEWER,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Invitation
        fields = ["email", "role"]


class RoleForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ["role"]
