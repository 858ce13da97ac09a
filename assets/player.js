// <stream-player>: the one place that knows the player's libraries.
// Attributes: src, poster, storyboard, renew (where to ask for new cookies; none: src itself hands out signatures),
// place (which version src is of), start (a second), label, and the words speed, quality, sound, trouble.
import Hls from "hls.js/dist/hls.mjs";
import HlsVideoElement from "hls-video-element";
import "media-chrome/media-controller.js";
import "media-chrome/media-control-bar.js";
import "media-chrome/media-play-button.js";
import "media-chrome/media-seek-backward-button.js";
import "media-chrome/media-seek-forward-button.js";
import "media-chrome/media-mute-button.js";
import "media-chrome/media-volume-range.js";
import "media-chrome/media-time-range.js";
import "media-chrome/media-time-display.js";
import "media-chrome/media-preview-thumbnail.js";
import "media-chrome/media-preview-time-display.js";
import "media-chrome/media-loading-indicator.js";
import "media-chrome/media-pip-button.js";
import "media-chrome/media-fullscreen-button.js";
import "media-chrome/dist/menu/media-settings-menu.js";
import "media-chrome/dist/menu/media-settings-menu-item.js";
import "media-chrome/dist/menu/media-settings-menu-button.js";
import "media-chrome/dist/menu/media-rendition-menu.js";
import "media-chrome/dist/menu/media-playback-rate-menu.js";
import "media-chrome/dist/lang/de.js";
import { setLanguage } from "media-chrome/dist/utils/i18n.js";
import "media-chrome/dist/menu/media-audio-track-menu.js";
import { csrfToken } from "./csrf.js";
import { listen } from "./keys.js";

const RENEW_EVERY = 8 * 60_000; // the cookies live longer than this; a pause may outlive them
const REFUSALS = 3; // in a row, each with new cookies: more would not help
const NETWORK_TRIES = 6;

// hls-video tells nobody about its hls.js; the player listens to the errors.
class StreamVideo extends HlsVideoElement {
  #hls = null;
  #handedOver = null;

  get api() {
    return this.#hls;
  }

  set api(hls) {
    this.#hls = hls;
    const buffers = this.#handedOver;
    if (!hls || !buffers) return;
    this.#handedOver = null;
    hls.attachMedia = () => {
      delete hls.attachMedia;
      hls.attachMedia(buffers);
    };
  }

  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new CustomEvent("hlsready", { detail: this.api }));
  }

  /** Go on with other playlists of the same video. What is buffered plays on meanwhile, in the same element. */
  goOn(src) {
    const { api: old, currentTime } = this;
    const heard = old.audioTracks[old.audioTrack];
    this.config = { ...this.config, startPosition: currentTime, abrEwmaDefaultEstimate: old.bandwidthEstimate };
    if (this.played.length) this.nativeEl.preload = "auto"; // or it would wait for the next time somebody presses play
    this.#handedOver = old.transferMedia();
    old.destroy();
    this.api = null;
    this.addEventListener("hlsready", ({ detail }) => {
      detail.once(Hls.Events.MANIFEST_PARSED, () => heard && this.#hear(heard.name));
    }, { once: true });
    if (src === this.getAttribute("src")) this.load(); // the same address has another version's playlists now
    else this.src = src;
  }

  #hear(name) {
    const tracks = [...this.audioTracks];
    if (!tracks.some((track) => track.label === name)) return;
    for (const track of tracks) track.enabled = track.label === name;
  }
}
customElements.define("stream-video", StreamVideo);

setLanguage(document.documentElement.lang); // the page's, not the browser's

const MARKUP = `
<media-controller nohotkeys>
  <stream-video slot="media" playsinline preload="metadata"></stream-video>
  <media-loading-indicator slot="centered-chrome" noautohide></media-loading-indicator>
  <media-settings-menu anchor="auto" hidden>
    <media-settings-menu-item data-word="speed"><media-playback-rate-menu slot="submenu" rates="0.5 0.75 1 1.25 1.5 2" hidden><div slot="title" data-word="speed"></div></media-playback-rate-menu></media-settings-menu-item>
    <media-settings-menu-item data-word="quality"><media-rendition-menu slot="submenu" hidden><div slot="title" data-word="quality"></div></media-rendition-menu></media-settings-menu-item>
    <media-settings-menu-item class="sounds" data-word="sound" hidden><media-audio-track-menu slot="submenu" hidden><div slot="title" data-word="sound"></div></media-audio-track-menu></media-settings-menu-item>
  </media-settings-menu>
  <div class="bar">
    <media-time-range><media-preview-thumbnail slot="preview"></media-preview-thumbnail><media-preview-time-display slot="preview"></media-preview-time-display></media-time-range>
    <media-control-bar>
      <media-play-button></media-play-button>
      <media-seek-backward-button seekoffset="10"></media-seek-backward-button>
      <media-seek-forward-button seekoffset="10"></media-seek-forward-button>
      <media-mute-button></media-mute-button>
      <media-volume-range></media-volume-range>
      <media-time-display showduration></media-time-display>
      <span class="push"></span>
      <media-settings-menu-button></media-settings-menu-button>
      <media-pip-button></media-pip-button>
      <media-fullscreen-button></media-fullscreen-button>
    </media-control-bar>
  </div>
</media-controller>
<p class="trouble" role="alert" hidden></p>`;

class StreamPlayer extends HTMLElement {
  #renewed = Date.now();
  #renewing = null;
  #networkTries = 0;
  #refusals = 0;
  #mended = false;
  #halted = false;

  connectedCallback() {
    if (this.querySelector("media-controller")) return;
    const plain = this.querySelector("video"); // what plays before this script arrives
    const time = plain?.currentTime || Number(this.getAttribute("start")) || 0;
    const from = { time, playing: plain ? !plain.paused : false };
    plain?.pause();
    this.#build();
    this.#carryOn(from);
    this.#announceToSystem();
    this.timer = setInterval(() => this.video.paused || this.#renewIfOld(), 60_000);
    this.video.addEventListener("play", () => this.#renewIfOld());
    this.deafen = listen(this);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.deafen?.();
  }

  /** Go to a second; before anything is loaded, begin there. */
  seek(second) {
    if (Number.isNaN(second)) return;
    const { duration } = this.video;
    if (Number.isFinite(duration)) this.video.currentTime = Math.min(Math.max(0, second), Math.max(0, duration - 0.1));
    else this.#carryOn({ time: second, playing: false });
  }

  seekBy(seconds) {
    this.seek(this.video.currentTime + seconds);
  }

  /** There is more of a video that is made meanwhile: take what is new, and stay at the same place. */
  async grow({ src, place, poster, storyboard, rungs }) {
    if (poster) this.#attribute("poster", poster);
    if (storyboard && !this.getAttribute("storyboard")) {
      this.setAttribute("storyboard", storyboard);
      this.video.append(this.#storyboard());
    }
    const moved = this.#halted || place !== this.getAttribute("place");
    const hls = this.video.api;
    if (!hls || (!moved && (src === this.getAttribute("src") || rungs <= hls.levels.length))) return;
    this.setAttribute("src", src);
    this.setAttribute("place", place);
    this.#halted = false;
    if (moved) await this.#renew();
    this.#networkTries = this.#refusals = 0;
    this.video.goOn(src);
  }

  /** There is no more for now: what is buffered plays on, until something grows again. */
  halt() {
    this.#halted = true;
    this.video.api?.stopLoad();
  }

  #attribute(name, value) {
    this.setAttribute(name, value);
    this.video.setAttribute(name, value);
  }

  /** What media-chrome's own buttons ask their controller for. */
  ask(name) {
    this.firstElementChild.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }

  #build() {
    const template = document.createElement("template");
    template.innerHTML = MARKUP;
    const content = document.importNode(template.content, true);
    this.video = content.querySelector("stream-video");
    this.trouble = content.querySelector(".trouble");
    for (const menu of content.querySelectorAll("media-settings-menu, [slot=submenu]")) {
      menu.shadowRoot.querySelector("[part~=back]")?.setAttribute("role", "menuitem"); // a menu holds nothing else
    }
    for (const node of content.querySelectorAll("[data-word]")) node.prepend(this.getAttribute(node.dataset.word));
    if (this.getAttribute("poster")) this.video.setAttribute("poster", this.getAttribute("poster"));
    // What grows is as long as it is, and not a broadcast without an end.
    this.video.config = { capLevelToPlayerSize: true, liveDurationInfinity: false };
    this.video.addEventListener("hlsready", (event) => this.#watch(event.detail));
    this.video.addEventListener("playing", () => this.#settle());
    if (this.getAttribute("storyboard")) this.video.append(this.#storyboard());
    this.replaceChildren(content);
    this.firstElementChild.setAttribute("aria-label", this.getAttribute("label") ?? ""); // in place of its own words
    this.video.src = this.getAttribute("src");
  }

  /** Pictures above the time line; media-chrome resolves their addresses against the track's own. */
  #storyboard() {
    const track = document.createElement("track");
    Object.assign(track, { kind: "metadata", label: "thumbnails", default: true, src: this.getAttribute("storyboard") });
    return track;
  }

  #carryOn({ time, playing }) {
    this.video.addEventListener("loadedmetadata", () => {
      if (time) this.seek(time);
      if (playing) this.video.play().catch(() => {});
    }, { once: true });
  }

  #announceToSystem() {
    if (!("mediaSession" in navigator)) return;
    const poster = this.getAttribute("poster");
    const artwork = poster ? [{ src: poster }] : [];
    navigator.mediaSession.metadata = new MediaMetadata({ title: this.getAttribute("label") ?? "", artwork });
  }

  #watch(hls) {
    hls.on(Hls.Events.ERROR, (_, data) => this.#mend(hls, data));
    // One sound is no choice.
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, (_, data) => (this.querySelector(".sounds").hidden = data.audioTracks.length < 2));
    hls.on(Hls.Events.FRAG_LOADED, () => (this.#networkTries = this.#refusals = 0));
  }

  async #mend(hls, data) {
    if (data.response?.code === 403) return this.#mendRefused(hls);
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR && this.#networkTries < NETWORK_TRIES) {
      this.#networkTries += 1;
      setTimeout(() => this.#reload(hls), 1000 * 2 ** this.#networkTries);
    } else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !this.#mended) {
      this.#mended = true;
      hls.recoverMediaError();
    } else {
      this.#giveUp();
    }
  }

  /** The cookies ran out: new ones, then on from where it stopped. */
  async #mendRefused(hls) {
    if (this.#renewing) return; // one of several refused at once
    this.#refusals += 1;
    if (this.#refusals > REFUSALS) return this.#giveUp();
    if (!this.getAttribute("renew")) return this.#loadAnew(hls);
    if (await this.#renew()) this.#reload(hls);
    else this.#giveUp();
  }

  /** New playlists have new signatures. */
  #loadAnew(hls) {
    hls.config.startPosition = this.video.currentTime;
    hls.loadSource(this.getAttribute("src"));
  }

  #reload(hls) {
    if (!hls.media) return;
    if (!hls.levels.length) hls.loadSource(this.getAttribute("src"));
    hls.startLoad();
  }

  #renewIfOld() {
    if (Date.now() - this.#renewed >= RENEW_EVERY) this.#renew();
  }

  #renew() {
    const url = this.getAttribute("renew");
    if (!url) return Promise.resolve(false);
    this.#renewing ??= fetch(url, { method: "POST", headers: { "X-CSRFToken": csrfToken() } })
      .then((response) => {
        if (response.ok) this.#renewed = Date.now();
        return response.ok;
      }, () => false)
      .finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  #giveUp() {
    this.trouble.textContent = this.getAttribute("trouble") ?? "";
    this.trouble.hidden = false;
  }

  #settle() {
    this.trouble.hidden = true;
  }
}

customElements.define("stream-player", StreamPlayer);
