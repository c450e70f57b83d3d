"""What of django-allauth is done our way: its words, its mails, who may enter, how secrets lie in the database."""

import logging
import smtplib
import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.encryption import decrypt, encrypt
from accounts.mail_server import patience
from accounts.models import User
from accounts.throttles import address_of

logger = logging.getLogger(__name__)

WRONG_CODE = _("Ce code n’est pas le bon, ou il ne vaut plus. Vérifiez-le, ou demandez-en un autre.")
WRONG_FACTOR = _("Ce code n’est pas le bon, ou il a déjà servi. Écrivez celui que l’application montre maintenant.")
TOO_MANY = _("Trop d’essais. Attendez cinq minutes, puis recommencez.")


class MailNotSentError(Exception):
    """A mail that the person waits for could not be handed over; to be tried again in a while."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by e-mail address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Ce compte est fermé."),
        "duplicate_email": _("C’est déjà votre adresse."),
        "email_password_mismatch": _(
            "L’adresse ou le mot de passe ne correspond pas. Vérifiez les deux, puis recommencez."
        ),
        "email_taken": _("Cette adresse ne peut pas être utilisée ici. Choisissez-en une autre."),
        "enter_current_password": _("Ce n’est pas votre mot de passe actuel. Recommencez."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("Ce n’est pas le bon mot de passe. Recommencez."),
        "too_many_login_attempts": TOO_MANY,
        "unverified_primary_email": _("Confirmez d’abord votre adresse."),
        "same_as_current": _("C’est déjà votre adresse. Écrivez-en une autre."),
        "rate_limited": TOO_MANY,
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that attempts are counted by."""
        return address_of(request)

    def is_ajax(self, request: HttpRequest) -> bool:
        """Answer with pages only: the API has its own addresses."""
        return False

    def new_user(self, request: HttpRequest) -> User:
        """Return a new person who reads the language of the page."""
        return User(language=get_language() or "fr")

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Keep out whose account is closed or erased; somebody whose erasure is only planned may come and undo it."""
        if user.erased_at is not None:
            user.is_active = False
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again only when the sign-in itself is not fresh."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        records = get_authentication_records(self.request, self.request.user)
        limit = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
        return not records or records[-1]["at"] < limit

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Return the ways to prove again who one is, in our words."""
        words = {
            "reauthenticate": _("Utiliser le mot de passe"),
            "mfa_reauthenticate": _("Utiliser un code du second facteur"),
        }
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": str(words[method["id"]])} for method in methods]

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Note that the code came back to where the password was chosen: see `receivers.forget_who_came_first`."""
        request.chose_password_here = True  # type: ignore[attr-defined]
        confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the page of sign-in and security."""
        return reverse("my-security")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Lead back to the page of sign-in and security, or in."""
        return reverse("my-security" if self.request.user.is_authenticated else "account_login")

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """Return the mail: a subject, plain words, and the same words in our frame of HTML."""
        to = [email] if isinstance(email, str) else email
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        words = render_to_string(f"{template_prefix}_message.txt", context).strip()
        message = EmailMultiAlternatives(
            subject, f"{words}\n\nFixMyQuarter\n", self.get_from_email(), to, headers=headers
        )
        parts = [part for part in words.split("\n\n") if part.strip()]
        frame = {"paragraphs": parts, "code": context.get("code", ""), "subject": subject}
        message.attach_alternative(render_to_string("account/email/frame.html", frame), "text/html")
        return message

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail that the person waits for: within the request, because what it brings must lie nowhere.

        Raises:
            MailNotSentError: the mail server does not take it, or has not answered for `settings.EMAIL_TIMEOUT`.
        """
        try:
            with patience():
                self.render_mail(template_prefix, email, {"email": email, **context}).send()
        except (OSError, smtplib.SMTPException) as error:
            logger.exception("a sign-in mail was not sent")
            raise MailNotSentError from error

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Tell a person what happened to their account; what they did holds even if the mail does not leave."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except MailNotSentError:
            logger.warning("a notification about an account was not sent")


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Sign-in through an OpenID Connect provider."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _("Cette adresse ne peut pas être utilisée ici. Choisissez-en une autre."),
        "no_password": _("Donnez-vous d’abord un mot de passe : sans lui, vous ne pourriez plus entrer."),
        "no_verified_email": _("Confirmez d’abord votre adresse e-mail."),
        "connected_other": _("Ce compte extérieur est déjà relié à un autre compte d’ici."),
    }

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take the address; the name is asked for on our own page, because it may become public."""
        user: User = super().populate_user(request, sociallogin, data)
        user.name = ""
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        """Lead back to the page of sign-in and security."""
        return reverse("my-security")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Time-based codes and recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "Votre rôle demande un second facteur : vous ne pouvez pas le retirer tant que vous l’exercez."
        ),
        "cannot_generate_recovery_codes": _("Activez d’abord le second facteur."),
        "incorrect_code": WRONG_FACTOR,
        "unverified_email": _("Confirmez d’abord votre adresse e-mail."),
    }

    def encrypt(self, text: str) -> str:
        """Keep secrets under the keys that contact data lies under."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret."""
        return decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Let nobody who works in the admin take their second factor off."""
        return not authenticator.user.is_staff
