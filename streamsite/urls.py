"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from accounts import second_factor

admin.site.site_header = admin.site.site_title = "streamsite"
second_factor.guard(admin.site)

urlpatterns = [
    path("", include("videos.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
