"""Forms about people: django-allauth's, with our words and rules, and the person's own profile."""

from typing import TYPE_CHECKING, Any

from allauth.account import forms as account_forms
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.socialaccount import forms as social_forms
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, User
from accounts.names import check_name
from accounts.services.consent import give
from accounts.services.factor import is_first_use

if TYPE_CHECKING:
    # Django's own forms are generic for mypy only.
    PersonForm = forms.ModelForm[User]
else:
    PersonForm = forms.ModelForm

EMAIL_LENGTH = 254
NEW_PASSWORD = _("Nouveau mot de passe")
LENGTH_OF_A_PASSWORD = _("Dix caractères au moins. Une courte phrase se retient bien.")
LABELS = {
    "login": _("Adresse e-mail"),
    "email": _("Adresse e-mail"),
    "password": _("Mot de passe"),
    "oldpassword": _("Mot de passe actuel"),
    "password1": NEW_PASSWORD,
    "code": _("Code"),
}


class OurWords(forms.Form):
    """Gives the fields of a form of django-allauth our labels, no placeholder, and what a phone's keyboard needs.

    A password is typed once: who mistypes it gets a code by e-mail.
    """

    help_texts: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.help_text = self.help_texts.get(name, "" if name in LABELS else field.help_text)
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):
                field.validators.append(MaxLengthValidator(EMAIL_LENGTH))
            if name == "code":
                field.widget.attrs.update({"inputmode": "numeric", "autocapitalize": "none", "spellcheck": "false"})


class NewPassword(OurWords):
    """A form that asks for a new password."""

    help_texts = {"password1": LENGTH_OF_A_PASSWORD}


class SignInForm(OurWords, account_forms.LoginForm):  # type: ignore[misc]
    """Address and password; the same refusal whether or not the address is known."""


class SignUpWords(OurWords):
    """What joining asks for beside the address: a name if one likes, and agreement to the rules."""

    name = forms.CharField(
        label=_("Nom ou pseudonyme"),
        max_length=80,
        required=False,
        help_text=_("Montré au public seulement si vous le décidez, dans votre profil."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    consent = forms.BooleanField(
        label=_("J’ai lu les règles et la page sur la confidentialité, et je les accepte."),
        error_messages={"required": _("Cochez la case : sans cet accord, nous ne pouvons pas ouvrir de compte.")},
    )
    help_texts = {"password1": LENGTH_OF_A_PASSWORD, "email": _("Jamais publiée.")}

    def clean_name(self) -> str:
        """Keep a name on one line, and no office's."""
        name = " ".join(self.cleaned_data["name"].split())
        check_name(name)
        return name

    def signup(self, request: HttpRequest, user: User) -> None:
        """Write the name and the agreement; called by django-allauth once the person is saved."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        give(user=user, documents=[Consent.Document.RULES, Consent.Document.PRIVACY])

    def try_save(self, request: HttpRequest) -> Any:
        """Save the person, or do what looks the same from outside where the address has an account already."""
        if getattr(self, "account_already_exists", False):
            # As slow as making an account is, so that the time taken tells nothing.
            make_password(self.cleaned_data.get("password1") or "-")
            return super().try_save(request)  # type: ignore[misc]
        try:
            with transaction.atomic():
                return super().try_save(request)  # type: ignore[misc]
        except IntegrityError:
            # Somebody else took the address since it was looked up: two taps, or two people.
            self.account_already_exists = True
            return super().try_save(request)  # type: ignore[misc]


class SignUpForm(SignUpWords, account_forms.SignupForm):  # type: ignore[misc]
    """Joining with an address and a password."""

    field_order = ["email", "password1", "name", "consent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = LABELS["password"]


class ProviderSignUpForm(SignUpWords, social_forms.SignupForm):  # type: ignore[misc]
    """Joining through an OpenID Connect provider: an address that it has checked stands, any other may be changed."""

    field_order = ["email", "name", "consent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if checked := [address.email for address in self.sociallogin.email_addresses if address.verified]:
            self.initial["email"] = checked[0]
            self.fields["email"].disabled = True


class RequestCodeForm(OurWords, account_forms.RequestLoginCodeForm):  # type: ignore[misc]
    """Where to send a code to sign in with."""


class SignInCodeForm(OurWords, account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code to sign in with."""


class AddressCodeForm(OurWords, account_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that shows that an address is one's own."""


class ResetCodeForm(OurWords, account_forms.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    """The code to choose a new password with."""


class ResetForm(OurWords, account_forms.ResetPasswordForm):  # type: ignore[misc]
    """Where to send a code to choose a new password with."""


class ResetPasswordForm(NewPassword, account_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password in place of a forgotten one."""


class ChangePasswordForm(NewPassword, account_forms.ChangePasswordForm):  # type: ignore[misc]
    """The password now, and the new one."""


class SetPasswordForm(NewPassword, account_forms.SetPasswordForm):  # type: ignore[misc]
    """A first password for somebody who came without one."""


class ChangeAddressForm(OurWords, account_forms.AddEmailForm):  # type: ignore[misc]
    """The address to use from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Nouvelle adresse e-mail")


class ReauthenticateForm(OurWords, account_forms.ReauthenticateForm):  # type: ignore[misc]
    """The password again, before something sensitive."""


class UsedOnce(OurWords):
    """A code of the second factor that is taken once only, although clocks may differ by half a minute."""

    def clean_code(self) -> str:
        """Check the code, and remember it for longer than it is good."""
        code: str = super().clean_code()  # type: ignore[misc]
        if not is_first_use(user=self.user, code=code):  # type: ignore[attr-defined]
            raise get_factor_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(UsedOnce, factor_forms.AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in, or a recovery code."""


class SecondFactorAgainForm(UsedOnce, factor_forms.ReauthenticateForm):  # type: ignore[misc]
    """The second factor again, before something sensitive or before the admin opens."""


class ActivateForm(OurWords, totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new second factor."""


class DisconnectForm(OurWords, social_forms.DisconnectForm):  # type: ignore[misc]
    """Which provider to part from."""


class ProfileForm(PersonForm):
    """What a person says about themselves."""

    class Meta:
        model = User
        fields = ["name", "shows_name", "language"]
        labels = {
            "name": _("Nom ou pseudonyme"),
            "shows_name": _("Montrer mon nom au public"),
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "nickname"})}

    language = forms.ChoiceField(label=_("Langue de vos e-mails"), choices=settings.LANGUAGES)

    def clean_name(self) -> str:
        """Keep a name on one line; only who works here may be called by an office."""
        name = " ".join(self.cleaned_data["name"].split())
        if not self.instance.is_staff:
            check_name(name)
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse to show a name that is not there."""
        data = super().clean() or self.cleaned_data
        if data.get("shows_name") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Écrivez le nom à montrer, ou laissez la case vide."))
        return data


class ErasureForm(forms.Form):
    """The second confirmation before an account is closed for good."""

    with_comments = forms.BooleanField(label=_("Supprimer aussi mes commentaires"), required=False)
    word = forms.CharField(
        label=_("Pour confirmer"),
        help_text=_("Écrivez le mot EFFACER."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Écrivez EFFACER, ou quittez cette page pour tout garder.")},
    )

    def clean_word(self) -> str:
        """Take the word in any case; nothing else confirms."""
        word: str = self.cleaned_data["word"]
        if word.strip().upper() != gettext("EFFACER"):
            raise forms.ValidationError(self.fields["word"].error_messages["required"])
        return word
