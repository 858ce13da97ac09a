// One file on its way to S3: begin, parts in parallel through presigned URLs, complete. No markup in here.
import { csrfToken } from "./csrf.js";
import { forget, recall, remember } from "./memory.js";
import { PartRefused, Unreachable, put } from "./part.js";
import { titleOf } from "./words.js";

const API = "/api/v1/uploads/";
const PARALLEL = 4;
const BATCH = 16; // part URLs asked for at a time; the API gives at most 20
const TRIES = 8; // of one request, in a row, while the browser says it is online

class Refused extends Error {
  constructor(status, { detail = "", code = "" }, retryAfter) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export class Transfer {
  state = "new"; // waiting, sending, paused, finishing, done, failed, cancelled
  offline = false;
  failure = ""; // the API's own sentence; empty when the connection is to blame
  video = null;

  #upload = null;
  #stored = new Set(); // numbers of the parts S3 has
  #flying = new Map(); // number of a part on its way -> bytes sent of it
  #urls = new Map();
  #signing = null;
  #abort = new AbortController();
  #highest = 0;
  #samples = [];

  constructor(file, { visibility, changed }) {
    this.file = file;
    this.visibility = visibility;
    this.changed = changed;
  }

  get id() {
    return this.#upload?.id;
  }

  get sent() {
    let bytes = 0;
    for (const number of this.#stored) bytes += this.#lengthOf(number);
    for (const loaded of this.#flying.values()) bytes += loaded;
    this.#highest = Math.max(this.#highest, Math.min(bytes, this.file.size));
    return this.#highest;
  }

  /** Bytes a second over the last ten seconds. */
  get speed() {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    return last && last.at > first.at ? ((last.sent - first.sent) * 1000) / (last.at - first.at) : 0;
  }

  async run() {
    this.#abort = new AbortController();
    this.#samples = [];
    this.failure = "";
    this.#enter("sending");
    try {
      if (!(await this.#open())) {
        await this.#sendParts();
        this.#enter("finishing");
        const video = await this.#patiently(() => this.#api("POST", `${this.#upload.id}/complete/`));
        this.video = { ...this.#upload.video, ...video };
      }
      forget(this.file);
      this.#enter("done");
    } catch (error) {
      const halted = this.#abort.signal.aborted && this.#abort.signal.reason;
      this.#abort.abort("failed"); // the other parts stop too
      this.#flying.clear();
      this.#highest = 0; // of a part that was on its way, nothing is kept
      if (halted) return this.#enter(halted);
      if (!(error instanceof Refused || error instanceof Unreachable)) console.error(error);
      this.failure = error instanceof Refused ? error.message : "";
      this.#enter("failed");
    }
  }

  pause() {
    this.#halt("paused");
  }

  async cancel() {
    this.#halt("cancelled");
    forget(this.file);
    if (this.#upload) await this.#api("DELETE", `${this.#upload.id}/`, undefined, null).catch(() => {});
  }

  wait() {
    this.#enter("waiting");
  }

  #halt(state) {
    if (this.state === "sending") this.#abort.abort(state);
    else this.#enter(state);
  }

  #enter(state) {
    this.state = state;
    this.changed(this);
  }

  /** Find the upload this file began earlier, or begin one. True when nothing is left to do. */
  async #open() {
    const id = this.#upload?.id ?? recall(this.file);
    const known = id && (await this.#find(id));
    if (known && known.size === this.file.size) {
      this.#upload = known;
    } else {
      this.#highest = 0;
      this.#upload = await this.#patiently(() => this.#begin(), isBusy);
      remember(this.file, this.#upload.id);
    }
    this.video = this.#upload.video;
    this.changed(this);
    this.#urls.clear();
    this.#stored.clear();
    for (const part of this.#upload.parts) {
      if (part.size === this.#lengthOf(part.number)) this.#stored.add(part.number);
    }
    return this.#upload.state === "completed";
  }

  /** The upload as the server knows it, or null where nothing of it is left and the file begins again. */
  async #find(id) {
    try {
      return await this.#patiently(() => this.#api("GET", `${id}/`));
    } catch (error) {
      if (!(error instanceof Refused && (error.status === 404 || error.code === "gone"))) throw error;
      // Its video must not wait for parts that storage has lost.
      await this.#api("DELETE", `${id}/`, undefined, null).catch(() => {});
      return null;
    }
  }

  #begin() {
    const { name, size, type } = this.file;
    const content_type = type || "application/octet-stream";
    return this.#api("POST", "", { filename: name, size, content_type, title: titleOf(this.file), visibility: this.visibility });
  }

  async #sendParts() {
    const missing = [];
    for (let number = 1; number <= this.#upload.part_count; number += 1) {
      if (!this.#stored.has(number)) missing.push(number);
    }
    const lane = async () => {
      while (missing.length) {
        const number = missing.shift();
        await this.#patiently(() => this.#sendPart(number, missing));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, lane));
  }

  async #sendPart(number, missing) {
    const url = await this.#urlOf(number, missing);
    const from = (number - 1) * this.#upload.part_size;
    const bytes = this.file.slice(from, from + this.#lengthOf(number));
    try {
      await put(url, bytes, this.#abort.signal, (loaded) => this.#progress(number, loaded));
    } catch (error) {
      this.#urls.delete(number); // it may have run out: the next try signs anew
      throw error;
    } finally {
      this.#flying.delete(number);
    }
    this.#stored.add(number);
    this.#progress();
  }

  async #urlOf(number, missing) {
    while (!this.#urls.has(number)) {
      const numbers = [number, ...missing.filter((n) => n !== number && !this.#urls.has(n))].slice(0, BATCH);
      this.#signing ??= this.#sign(numbers).finally(() => (this.#signing = null));
      await this.#signing;
    }
    return this.#urls.get(number);
  }

  async #sign(numbers) {
    const { urls } = await this.#api("POST", `${this.#upload.id}/parts/`, { numbers });
    for (const [number, url] of Object.entries(urls)) this.#urls.set(Number(number), url);
  }

  #lengthOf(number) {
    const { part_size: length } = this.#upload;
    return Math.max(0, Math.min(length, this.file.size - (number - 1) * length));
  }

  #progress(number, loaded) {
    if (number) this.#flying.set(number, loaded);
    const at = performance.now();
    this.#samples.push({ at, sent: this.sent });
    while (this.#samples[0].at < at - 10_000) this.#samples.shift();
    this.changed(this);
  }

  /** Try again what may work the next time: lost connections, busy servers, part URLs that ran out. */
  async #patiently(request, mayPass = mayPassLater) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await request();
      } catch (error) {
        if (this.#abort.signal.aborted || !mayPass(error)) throw error;
        if (tries >= TRIES && navigator.onLine) throw error;
        await this.#untilOnline();
        await pause(error.retryAfter ?? Math.min(30, 2 ** (tries - 1)) * (0.75 + Math.random() / 2), this.#abort.signal);
      }
    }
  }

  async #untilOnline() {
    if (navigator.onLine) return;
    this.offline = true;
    this.changed(this);
    await new Promise((resolve, reject) => {
      addEventListener("online", resolve, { once: true });
      this.#abort.signal.addEventListener("abort", reject, { once: true });
    }).finally(() => (this.offline = false));
    this.changed(this);
  }

  async #api(method, path, body, signal = this.#abort.signal) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    let response;
    try {
      response = await fetch(API + path, { method, headers, signal, body: body && JSON.stringify(body) });
    } catch {
      throw new Unreachable();
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new Refused(response.status, answer, Number(response.headers.get("Retry-After")) || undefined);
  }
}

/** The server said no for now, so nothing happened; a lost answer may have begun an upload. */
function isBusy(error) {
  return error instanceof Refused && (error.status >= 500 || (error.status === 429 && error.retryAfter <= 60));
}

function mayPassLater(error) {
  if (error instanceof PartRefused) return error.status !== 404; // 404: S3 knows no such upload any more
  return error instanceof Unreachable || isBusy(error);
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const stop = () => (clearTimeout(timer), reject(new Unreachable()));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
