"""Rows in which every text that a person can enter wants to be more than text."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts.models import AccessToken, Invitation, User
from tests import factories
from videos.events import Event, Kind
from videos.models import Upload, Video

ATTACK = "</title></textarea></script><script>hit=1</script>\"'><img src=x onerror=hit=1>{{7|add:7}}"
# Without a slash, for what is part of an address; and as an email address may really be.
OTHERS = {
    "username": "zqzqusernamezq\"'><img src=x onerror=hit=1><svg onload=hit=1>",
    "email": '"zqzqemailzq<script>hit=1<script><img.src=x.onerror=hit=1>"@example.org',
}
LINKS = ' javascript:hit=1 https://a.example/"onclick="hit=1 data:text/html,<script>hit=1</script>'

# Where each text of our models comes from: a person, by the name that `text` gives it, or the site itself.
TYPED = {
    "accounts.User.username": "username",
    "accounts.User.email": "email",
    "accounts.User.first_name": "first",
    "accounts.User.last_name": "last",
    "accounts.Invitation.note": "note",
    "accounts.AccessToken.name": "token",
    "videos.Video.title": "title",
    "videos.Video.description": "description",
    "videos.Video.failure": "failure",
    "videos.Video.taken_down_reason": "reason",
    "videos.Upload.filename": "filename",
    "videos.Event.detail": "detail",
    # ffmpeg's last words may quote a file's own tags; of those nothing else is read.
    "transcode.Job.detail": "words",
    "transcode.Job.command": "command",
    "transcode.Chunk.detail": "words",
}
MADE = {
    *("accounts.User.password", "accounts.Invitation.token", "accounts.AccessToken.digest"),
    *("accounts.AccessToken.hint", "videos.Video.visibility", "videos.Video.status", "videos.Video.epoch"),
    *("videos.Video.playable", "videos.Video.version", "videos.Upload.state", "videos.Upload.multipart_id"),
    *("videos.Rendition.name", "videos.Event.kind", "videos.Tally.name", "transcode.Job.state"),
    *("transcode.Job.worker", "transcode.Job.source_key", "transcode.Job.source_version_id"),
    *(
        "transcode.Job.source_etag",
        "videos.Video.left_epoch",
        "transcode.Host.name",
        "transcode.Host.sandbox",
    ),
    *("transcode.Job.way", "transcode.Job.version", "transcode.Job.epoch", "transcode.Chunk.state"),
    *("transcode.Chunk.worker", "videos.GrowingPlaylist.name", "videos.GrowingPlaylist.text"),
}


def text(name: str) -> str:
    return OTHERS.get(name, f"zqzq{name}zq{ATTACK}")


def fill(owner: User) -> dict[str, Video]:
    """Give `owner` hostile words and one video of each kind; return the videos."""
    names = {"username": text("username"), "email": text("email")}
    User.objects.filter(pk=owner.pk).update(
        first_name="zqzqfirstzq<b x=x>", last_name="zqzqlastzq<b x=x>", **names
    )
    owner.refresh_from_db()
    EmailAddress.objects.update_or_create(
        user=owner, primary=True, defaults={"email": owner.email, "verified": True}
    )
    UserSession.objects.create(user=owner, session_key="0", ip="127.0.0.1")
    UserSession.objects.filter(user=owner).update(user_agent=text("agent"))
    Authenticator.objects.create(
        user=owner, type="webauthn", data={"name": text("passkey"), "credential": {}}
    )
    Invitation.objects.create(note=text("note"))
    AccessToken.objects.create(
        owner=owner, name=text("token"), digest="0", created_at=factories.AT, expires_at=factories.AT
    )
    return {kind: _video(owner, kind) for kind in ("ready", "failed", "down", "sending")}


def _video(owner: User, kind: str) -> Video:
    fields: dict[str, Any] = {"title": text("title"), "description": text("description") + LINKS}
    if kind == "failed":
        video = factories.failed(owner, failure=text("failure"), **fields)
    elif kind == "sending":
        video = factories.video(owner, **fields)
    else:
        video = factories.ready(owner, visibility="public", **fields)
    if kind == "down":
        video.take_down(text("reason"), factories.AT, owner)
    later = factories.AT.replace(year=2090)
    factories.upload(video, filename=text("filename"), expires_at=later)
    if kind != "sending":
        Upload.objects.filter(video=video).update(state="completed", completed_at=factories.AT)
        over = {"state": "failed", "finished_at": factories.AT}
        factories.job(video, detail=text("words"), command=text("command"), **over)
    Event.objects.record(video.pk, Kind.REFUSED, factories.AT, actor=owner, detail=text("detail"))
    return video


EVERYWHERE = {"username"}
OF_A_VIDEO = {"username", "title"}
PLACES: dict[str, set[str]] = {
    "/": OF_A_VIDEO,
    f"/search/?q={quote('zqzqqueryzq' + ATTACK)}": {"username", "query"},
    f"/c/{quote(text('username'))}/": OF_A_VIDEO,
    "/v/{ready}/": {*OF_A_VIDEO, "description"},
    "/v/{failed}/": {*OF_A_VIDEO, "description", "failure"},
    "/v/{down}/": {*OF_A_VIDEO, "description", "reason"},
    "/v/{sending}/": {*OF_A_VIDEO, "description"},
    "/embed/{ready}/": {"title"},
    "/videos/": {*OF_A_VIDEO, "failure", "reason"},
    "/videos/{failed}/row/": {"title", "failure"},
    "/v/{ready}/edit/": {*OF_A_VIDEO, "description"},
    "/v/{ready}/delete/": OF_A_VIDEO,
    "/upload/": {"username", "filename"},
    "/accounts/": {"username", "email"},
    "/accounts/email/": {"username", "email"},
    "/accounts/sessions/": {"username", "agent"},
    "/accounts/tokens/": {"username", "token"},
    "/accounts/2fa/webauthn/": {"username", "passkey"},
    "/accounts/data/": EVERYWHERE,
    f"/nothing/{quote(ATTACK)}": EVERYWHERE,
}
