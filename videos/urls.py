"""Addresses of pages, of the API, and of the edge."""

from __future__ import annotations

from django.urls import path, re_path
from drf_spectacular.views import SpectacularYAMLAPIView

from videos import account_views, api, edge, frames, schema, shelves, studio, upload_api, views

urlpatterns = [
    path("", views.home, name="home"),
    path("upload/", views.upload, name="upload"),
    path("videos/", studio.studio, name="studio"),
    path("videos/change/", studio.change, name="change"),
    path("videos/<uuid:pk>/row/", studio.row, name="row"),
    path("v/<uuid:pk>/", views.watch, name="watch"),
    path("v/<uuid:pk>/status/", views.watch_status, name="watch-status"),
    path("v/<uuid:pk>/growth/", views.growth, name="growth"),
    path("v/<uuid:pk>/growing/<path:name>", views.growing_file, name="growing-file"),
    path("v/<uuid:pk>/poster.jpg", views.poster, name="poster"),
    path("v/<uuid:pk>/cookies/", views.renew_cookies, name="renew-cookies"),
    path("v/<uuid:pk>/edit/", views.edit, name="edit"),
    path("v/<uuid:pk>/delete/", views.delete, name="delete"),
    path("v/<uuid:pk>/retry/", studio.retry, name="retry"),
    path("embed/<uuid:pk>/", frames.embed, name="embed"),
    path("embed/<uuid:pk>/<path:name>", frames.embed_file, name="embed-file"),
    path("accounts/data/", account_views.data, name="my-data"),
    path("accounts/data/export/", account_views.export, name="export"),
    path("accounts/leave/", account_views.leave, name="leave"),
    path("search/", shelves.search, name="search"),
    path("c/<str:username>/", shelves.channel, name="channel"),
    path("api/v1/uploads/", upload_api.begin, name="api-begin"),
    path("api/v1/uploads/<uuid:pk>/", upload_api.upload, name="api-upload"),
    path("api/v1/uploads/<uuid:pk>/parts/", upload_api.parts, name="api-parts"),
    path("api/v1/uploads/<uuid:pk>/complete/", upload_api.complete, name="api-complete"),
    path("api/v1/videos/", api.videos, name="api-videos"),
    path("api/v1/videos/<uuid:pk>/", api.video, name="api-video"),
    path("api/v1/videos/<uuid:pk>/retry/", api.retry, name="api-retry"),
    path("api/v1/search/", api.search, name="api-search"),
    path("api/v1/me/", api.me, name="api-me"),
    path("api/v1/schema/", SpectacularYAMLAPIView.as_view(), name="api-schema"),
    path("api/docs/", schema.docs, name="api-docs"),
    re_path(r"^api/(?P<path>.*)$", api.unknown, name="api-unknown"),
    re_path(r"^media/(?P<path>.*)$", edge.media, name="media"),
]
