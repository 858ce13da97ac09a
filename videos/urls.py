"""Addresses of pages, of the API, and of the edge."""

from __future__ import annotations

from django.urls import path, re_path

from videos import api, edge, views

urlpatterns = [
    path("", views.home, name="home"),
    path("upload/", views.upload, name="upload"),
    path("videos/", views.studio, name="studio"),
    path("v/<uuid:pk>/", views.watch, name="watch"),
    path("v/<uuid:pk>/status/", views.watch_status, name="watch-status"),
    path("v/<uuid:pk>/cookies/", views.renew_cookies, name="renew-cookies"),
    path("v/<uuid:pk>/edit/", views.edit, name="edit"),
    path("v/<uuid:pk>/delete/", views.delete, name="delete"),
    path("v/<uuid:pk>/retry/", views.retry, name="retry"),
    path("embed/<uuid:pk>/", views.embed, name="embed"),
    path("api/v1/uploads/", api.begin, name="api-begin"),
    path("api/v1/uploads/<uuid:pk>/", api.upload, name="api-upload"),
    path("api/v1/uploads/<uuid:pk>/parts/", api.parts, name="api-parts"),
    path("api/v1/uploads/<uuid:pk>/complete/", api.complete, name="api-complete"),
    path("api/v1/videos/<uuid:pk>/", api.video, name="api-video"),
    re_path(r"^media/(?P<path>.*)$", edge.media, name="media"),
]
