// Title, description and visibility of a video while its bytes move: saved as they are typed.
import { csrfToken } from "./csrf.js";

const CALM = 700; // ms without a key before something is saved
const AGAIN = 5000;
const FIELDS = ["title", "description", "visibility"];

export class Details {
  #dirty = new Set();
  #timer = null;
  #saving = false;
  #id = null;

  /** `say` gets a state: kept, saving, saved, unsaved, or refused with a sentence. */
  constructor(form, values, say) {
    this.form = form;
    this.say = say;
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    form.addEventListener("input", (event) => this.#change(event.target.name));
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#saveIn(0)));
  }

  get unsaved() {
    return this.#saving || this.#dirty.size > 0;
  }

  /** There is a video now. What the server has of it is shown, except where somebody has typed. */
  belongTo(video) {
    if (!video || this.#id === video.id) return;
    const begunAnew = this.#id !== null; // what was saved went with the video before
    this.#id = video.id;
    for (const name of FIELDS) {
      if (begunAnew) this.#dirty.add(name);
      if (!this.#dirty.has(name)) this.form.elements[name].value = video[name];
    }
    if (this.#dirty.size) this.#saveIn(0);
  }

  #change(name) {
    this.#dirty.add(name);
    if (this.#id) this.#saveIn(CALM);
    else this.say("kept");
  }

  #saveIn(ms) {
    clearTimeout(this.#timer);
    if (this.#id) this.#timer = setTimeout(() => this.#save(), ms);
  }

  async #save() {
    if (this.#saving) return this.#saveIn(CALM);
    if (!this.#dirty.size) return;
    const names = [...this.#dirty];
    this.#dirty.clear();
    this.#saving = true;
    this.say("saving");
    const answer = await this.#patch(Object.fromEntries(names.map((name) => [name, this.form.elements[name].value])));
    this.#saving = false;
    if (!answer || answer.status >= 500 || answer.status === 429) return this.#tryAgain(names);
    if (!answer.ok) return this.say("refused", (await answer.json().catch(() => ({}))).detail);
    this.say(this.#dirty.size ? "saving" : "saved");
  }

  #tryAgain(names) {
    for (const name of names) this.#dirty.add(name);
    this.say("unsaved");
    this.#saveIn(AGAIN);
  }

  #patch(values) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    const body = JSON.stringify(values);
    return fetch(`/api/v1/videos/${this.#id}/`, { method: "PATCH", headers, body }).catch(() => null);
  }
}
