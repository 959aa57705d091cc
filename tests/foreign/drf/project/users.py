"""Create the account that the tests use, and print its token as a tokens file."""

import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

user, _ = User.objects.get_or_create(username="reader", defaults={"is_staff": True})
token, _ = Token.objects.get_or_create(user=user)
sys.stdout.write(f"caller: {{token: {token.key}, prefix: Token}}\n")
