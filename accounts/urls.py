"""Addresses of the pages about an account. What it has made is in other rooms' lists."""

from __future__ import annotations

from django.urls import include, path

from accounts import views

urlpatterns = [
    path("", views.overview, name="account"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke_token, name="revoke-token"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
