"""The person who signs in. Their e-mail address is their login name."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class EmailAddressField(models.EmailField):
    """An e-mail address in lower case, so that Alice@Example.com and alice@example.com are one address."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.strip().lower() if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self.to_python(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with this e-mail address; without a password they choose one through "forgot password"."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Exists only once the address is confirmed: sign-up and invitation make users from an e-mailed link."""

    email = EmailAddressField(
        "e-mail address",
        unique=True,
        error_messages={"unique": "There is already a user with this e-mail address."},
    )
    full_name = models.CharField("full name", max_length=120)
    is_staff = models.BooleanField(
        "support staff",
        default=False,
        help_text="May use the support pages, and sees every organisation.",
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Switch off instead of deleting: the history keeps its people."
    )
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    def get_short_name(self) -> str:
        return self.full_name.partition(" ")[0] or self.email
