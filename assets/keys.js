// The keyboard, anywhere on a page with a player, except where somebody types or another control wants the key.

const FIELDS = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const PRESSED = "button, a, summary, label, input, media-settings-menu, [role=button], [role^=menuitem]";
const OWN_ARROWS = "input[type=range], input[type=radio], media-time-range, media-volume-range, media-settings-menu, [role^=menu]";

/** Let keys act on `player`, which has `video`, `seekBy`, `seek` and `ask`. */
export function listen(player) {
  const { video } = player;
  const louder = (step) => {
    video.muted = false;
    video.volume = Math.min(1, Math.max(0, video.volume + step));
  };
  const toggle = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  const keys = {
    k: toggle,
    " ": toggle,
    j: () => player.seekBy(-10),
    l: () => player.seekBy(10),
    ArrowLeft: () => player.seekBy(-5),
    ArrowRight: () => player.seekBy(5),
    ArrowUp: () => louder(0.05),
    ArrowDown: () => louder(-0.05),
    m: () => (video.muted = !video.muted),
    f: () => player.ask(document.fullscreenElement ? "mediaexitfullscreenrequest" : "mediaenterfullscreenrequest"),
    i: () => player.ask(document.pictureInPictureElement ? "mediaexitpiprequest" : "mediaenterpiprequest"),
    "?": () => document.getElementById("keys")?.showModal(),
  };
  for (let tenth = 0; tenth < 10; tenth += 1) keys[tenth] = () => player.seek((video.duration * tenth) / 10);

  const onKey = (event) => {
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event)) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function isElsewhere(event) {
  const on = (selector) => event.composedPath().some((node) => node.matches?.(selector));
  if (on(FIELDS) || document.querySelector("dialog[open]")) return true;
  if (event.key === " ") return on(`${PRESSED}, media-play-button, media-mute-button`);
  return event.key.startsWith("Arrow") && (on(OWN_ARROWS) || on("[popover]"));
}
