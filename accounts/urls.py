"""Signing in, and the person's own space. django-allauth's names, our addresses and pages."""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions import views as sessions
from django.urls import path
from django.views.generic import RedirectView

from accounts.views import applications, data, own
from accounts.views.doors import door

to_security = RedirectView.as_view(pattern_name="my-security")

urlpatterns = [
    path("", own.account, name="account"),
    path("profil/", own.profile, name="my-profile"),
    path("securite/", own.security, name="my-security"),
    path("donnees/", data.data, name="my-data"),
    path("donnees/copie/", data.export, name="my-data-export"),
    path("donnees/accord/", data.agree, name="my-data-agree"),
    path("donnees/effacement/", data.erase, name="my-data-erase"),
    path("donnees/garder/", data.keep, name="my-data-keep"),
    path("donnees/<str:token>/", data.copy, name="my-data-copy"),
    path("inscription/", door(account.signup), name="account_signup"),
    path("connexion/", door(account.login), name="account_login"),
    path("connexion/code/", door(account.request_login_code), name="account_request_login_code"),
    path("connexion/code/saisie/", door(account.confirm_login_code), name="account_confirm_login_code"),
    path("connexion/second-facteur/", door(factor.authenticate), name="mfa_authenticate"),
    path("deconnexion/", door(account.logout), name="account_logout"),
    path("ferme/", door(account.account_inactive), name="account_inactive"),
    path("confirmation/", door(account.email_verification_sent), name="account_email_verification_sent"),
    path("verification/", door(account.reauthenticate), name="account_reauthenticate"),
    path("verification/second-facteur/", door(factor.reauthenticate), name="mfa_reauthenticate"),
    path("adresse/", door(account.email), name="account_email"),
    path("mot-de-passe/", door(account.password_change), name="account_change_password"),
    path("mot-de-passe/premier/", door(account.password_set), name="account_set_password"),
    path("mot-de-passe/oublie/", door(account.password_reset), name="account_reset_password"),
    path(
        "mot-de-passe/oublie/code/",
        door(account.confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path("mot-de-passe/oublie/nouveau/", door(account.complete_password_reset), name="account_complete_password_reset"),
    path(
        "mot-de-passe/oublie/fait/",
        door(account.password_reset_from_key_done),
        name="account_password_reset_completed",
    ),
    path("second-facteur/", to_security, name="mfa_index"),
    path("second-facteur/activer/", door(totp.activate_totp), name="mfa_activate_totp"),
    path("second-facteur/retirer/", door(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-facteur/secours/", door(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second-facteur/secours/nouveaux/", door(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path("second-facteur/secours/fichier/", door(recovery.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("appareils/", door(sessions.list_usersessions), name="usersessions_list"),
    path("applications/", applications.applications, name="my-applications"),
    path("applications/<int:application_id>/retirer/", applications.remove, name="my-application-remove"),
    path("fournisseurs/", door(social.connections), name="socialaccount_connections"),
    path("fournisseurs/inscription/", door(social.signup), name="socialaccount_signup"),
    path("fournisseurs/abandon/", door(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("fournisseurs/erreur/", door(social.login_error), name="socialaccount_login_error"),
    path("oidc/<slug:provider_id>/", door(oidc.login), name="openid_connect_login"),
    path("oidc/<slug:provider_id>/retour/", door(oidc.callback), name="openid_connect_callback"),
]
