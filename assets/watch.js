// The watch page around the player: what is still being made, the share box, times in the description, the list of keys.

const player = document.querySelector("stream-player");
const share = document.getElementById("share");
const keys = document.getElementById("keys");

// --- times in the description lead there without loading the page again; without this script they are links ---
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-seek]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !player?.seek) return;
  event.preventDefault();
  player.seek(Number(link.dataset.seek));
  player.scrollIntoView({ block: "nearest" });
});

// --- the list of keys ---
const opener = document.querySelector("[data-keys]");
if (opener && keys) {
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
  keys.addEventListener("click", (event) => event.target === keys && keys.close());
}

// --- share ---
const clock = (second) => {
  const [hours, minutes, seconds] = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
};
const asked = (second) =>
  [[Math.floor(second / 3600), "h"], [Math.floor(second / 60) % 60, "m"], [second % 60, "s"]]
    .map(([number, unit]) => (number ? `${number}${unit}` : "")).join("") || "0s";

class Share {
  constructor(box) {
    this.box = box;
    this.status = box.querySelector("[role=status]");
    this.link = box.querySelector("input[readonly]");
    this.code = box.querySelector("textarea");
    this.start = box.querySelector("[data-start]");
    this.tick = this.start.querySelector("input");
    this.start.hidden = false;
    for (const button of box.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.#copy(document.getElementById(button.dataset.copy)));
    }
    box.addEventListener("toggle", (event) => event.newState === "open" && this.#open());
    this.tick.addEventListener("change", () => this.#write());
  }

  #open() {
    this.second = Math.floor(player?.video?.currentTime || 0);
    this.start.querySelector("[data-clock]").textContent = clock(this.second);
    this.tick.checked = false;
    this.status.textContent = "";
    this.#write();
  }

  #write() {
    const at = this.tick.checked ? `?t=${asked(this.second)}` : "";
    this.link.value = this.link.defaultValue + at;
    if (!this.code) return;
    const { src } = this.code.dataset;
    this.code.value = this.code.defaultValue.replace(`"${src}"`, `"${src}${at}"`);
  }

  async #copy(field) {
    field.select();
    const copied = await (navigator.clipboard?.writeText(field.value) ?? Promise.reject()).then(
      () => true,
      () => false, // no clipboard without https, or not allowed
    );
    this.status.textContent = copied ? this.box.dataset.copied : this.box.dataset.byHand;
  }
}

if (share) new Share(share);

// --- a video that is watched while it is made: asks how far it is, and hands the player what is new ---
const LOOK_EVERY = 2500;
const MOST_MISSES = 200; // in a row: something may be taken back to be made anew, which is no reason to give up at once

class Growth {
  #misses = 0;

  constructor(box) {
    this.box = box;
    this.status = document.getElementById("growth-status");
    this.timer = setInterval(() => document.hidden || this.#look(), LOOK_EVERY);
  }

  async #look() {
    const response = await fetch(this.box.dataset.url).catch(() => null);
    if (!response || response.status >= 500) return; // the next look may find more
    if (!response.ok) return this.#miss();
    const found = document.createElement("template");
    found.innerHTML = await response.text();
    const { state, ...news } = found.content.firstElementChild.dataset;
    this.#misses = 0;
    this.box.replaceChildren(found.content);
    if (news.src) player?.grow?.({ ...news, rungs: Number(news.rungs) });
    else player?.halt?.();
    const over = state === "final" || state === "failed";
    this.#say(over ? this.box.textContent.trim() : "");
    if (over) this.#end();
  }

  /** For this visitor it does not exist, or not just now. */
  #miss() {
    this.#misses += 1;
    player?.halt?.();
    this.#say(this.box.dataset.gone);
    this.box.textContent = "";
    if (this.#misses > MOST_MISSES) this.#end();
  }

  #end() {
    clearInterval(this.timer);
    this.box.textContent = "";
  }

  #say(words) {
    if (this.status.textContent !== words) this.status.textContent = words; // or it would be read out again
  }
}

const growing = document.getElementById("growth");
if (growing) new Growth(growing);
