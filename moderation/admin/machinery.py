"""Tables of libraries that the admin does not show.

Tokens, sessions and second factors would let whoever reads the list sign in as somebody else; periodic tasks are set in
the settings, so that a second installation runs the same ones; groups are not used, responsibilities are.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

HIDDEN = (
    Group,
    OutstandingToken,
    BlacklistedToken,
    PeriodicTask,
    IntervalSchedule,
    CrontabSchedule,
    SolarSchedule,
    ClockedSchedule,
    EmailAddress,
    Authenticator,
    SocialAccount,
    SocialApp,
    SocialToken,
    UserSession,
)

for model in HIDDEN:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
