"""allauth's forms in our words, and the form of a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessToken, User


class Worded:
    """A form with our labels and hints, and without placeholders that say the label again."""

    labels: ClassVar[dict[str, Any]] = {}
    hints: ClassVar[dict[str, Any]] = {}
    attributes: ClassVar[dict[str, dict[str, str]]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs.update(self.attributes.get(name, {}))
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, field.help_text)


class SignInForm(Worded, account.LoginForm):
    labels = {"login": _("Username or email"), "remember": _("Stay signed in on this device")}
    attributes = {"login": {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}}


class SignUpForm(Worded, account.SignupForm):
    hints = {"username": _("Others see it on your videos.")}
    attributes = {"username": {"autocapitalize": "none", "spellcheck": "false"}}


class AddressForm(Worded, account.AddEmailForm):
    pass


class ForgottenPasswordForm(Worded, account.ResetPasswordForm):
    pass


class PasswordAgainForm(Worded, account.ReauthenticateForm):
    pass


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    labels = {
        "oldpassword": _("Password now"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }


class FirstPasswordForm(Worded, account.SetPasswordForm):
    labels = {"password1": _("Password"), "password2": _("Password again")}


class NewPasswordForm(Worded, account.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("New password again")}

    def save(self) -> None:
        """Save it, and revoke every token: whoever lost the password may have lost those to somebody."""
        super().save()
        AccessToken.objects.filter(owner=self.user).revoke(timezone.now())


# A phone shows its number keys, and the code may be one of the recovery codes, which are numbers too.
NUMBERS = {"code": {"inputmode": "numeric", "spellcheck": "false"}}


class CodeForm(Worded, AuthenticateForm):
    hints = {"code": _("The six digits in your app, or one of your recovery codes.")}
    attributes = NUMBERS


class CodeAgainForm(Worded, ReauthenticateForm):
    hints = CodeForm.hints
    attributes = NUMBERS


class FirstCodeForm(Worded, ActivateTOTPForm):
    labels = {"code": _("Code")}
    hints = {"code": _("The six digits that the app shows now.")}
    attributes = NUMBERS


class Tolerant:
    """A form whose credential may be anything at all: what allauth cannot read is a wrong one, not a crash."""

    def clean(self) -> Any:
        return self._refusing(super().clean)  # type: ignore[misc]

    def clean_credential(self) -> Any:
        # The form that adds a passkey has no such method: the field's value is taken as it is.
        inherited = getattr(super(), "clean_credential", lambda: self.cleaned_data["credential"])  # type: ignore[attr-defined]
        return self._refusing(inherited)

    def _refusing(self, clean: Callable[[], Any]) -> Any:
        try:
            return clean()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise get_adapter().validation_error("incorrect_passkey") from error


class PasskeySignInForm(Tolerant, LoginWebAuthnForm):
    pass


class PasskeySecondForm(Tolerant, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(Tolerant, ReauthenticateWebAuthnForm):
    pass


class PasskeyForm(Worded, Tolerant, AddWebAuthnForm):
    labels = {"name": _("Name"), "passwordless": _("Sign in with it alone")}
    hints = {
        "name": _("So that you can tell your passkeys apart."),
        "passwordless": _("The device then asks for your finger, face or PIN instead of the password."),
    }


class PasskeyNameForm(Worded, EditWebAuthnForm):
    labels = {"name": _("Name")}


class TokenForm(forms.Form):
    MOST = 50

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What it is for, like “upload from the camera van”.")
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        initial=90,
        choices=((30, _("30 days")), (90, _("90 days")), (365, _("a year"))),
    )

    def __init__(self, owner: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner

    def clean(self) -> dict[str, Any] | None:
        if AccessToken.objects.filter(owner=self.owner).kept().count() >= self.MOST:
            raise forms.ValidationError(
                _("You have %(most)s tokens. Revoke one first.") % {"most": self.MOST}
            )
        return super().clean()

    def save(self, now: datetime) -> str:
        """Make the token and return its text, which is shown this once."""
        expires_at = now + timedelta(days=self.cleaned_data["days"])
        return AccessToken.issue(self.owner, self.cleaned_data["name"], expires_at, now)[1]
