// <upload-queue>: the upload page. It shows what transfer.js does, one file after another.
import { Details } from "./details.js";
import { Transfer } from "./transfer.js";
import { left, sentence, sentences, size, sizes, titleOf } from "./words.js";

const ANNOUNCE_EVERY = 10_000; // a screen reader hears progress at most this often
const UNFINISHED = new Set(["waiting", "sending", "finishing"]);
const BUTTONS = {
  new: [],
  waiting: ["cancel"],
  sending: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  finishing: [],
  failed: ["retry", "cancel"],
  done: [],
  cancelled: [],
};

class UploadQueue extends HTMLElement {
  #transfers = [];
  #announced = 0;

  connectedCallback() {
    this.say = sentences(this.querySelector("template[data-words]"));
    this.input = this.querySelector("input[type=file]");
    this.rows = this.querySelector(".files");
    this.status = this.querySelector("[role=status]");
    this.input.addEventListener("change", () => {
      this.#add([...this.input.files]);
      this.input.value = "";
    });
    this.#acceptDrops(this.querySelector(".drop"));
    this.addEventListener("click", (event) => this.#press(event.target.closest("button[data-do]")));
    for (const node of this.querySelectorAll("[data-bytes]")) node.textContent = size(Number(node.dataset.bytes));
    for (const button of this.querySelectorAll("[data-choose]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.input.click());
    }
    addEventListener("beforeunload", (event) => {
      if (this.#transfers.some((transfer) => UNFINISHED.has(transfer.state) || transfer.details.unsaved)) {
        event.preventDefault();
      }
    });
  }

  #acceptDrops(zone) {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault(); // beside the zone the browser would leave the page for the file
      const inside = zone.contains(event.target);
      event.dataTransfer.dropEffect = inside ? "copy" : "none";
      zone.classList.toggle("over", inside);
    });
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      zone.classList.remove("over");
      if (zone.contains(event.target)) this.#add([...event.dataTransfer.files]);
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) zone.classList.remove("over");
    });
  }

  #add(files) {
    const visibility = this.querySelector("select").value;
    for (const file of files) {
      const row = this.#newRow(file);
      const problem = this.#problemWith(file);
      if (problem) {
        this.#showNote(row, problem);
        this.#announce(`${file.name}: ${problem}`, true);
        continue;
      }
      const transfer = new Transfer(file, { visibility, changed: () => this.#show(transfer) });
      transfer.row = row;
      row.transfer = transfer;
      transfer.details = this.#detailsIn(row, { title: titleOf(file), description: "", visibility });
      this.#transfers.push(transfer);
      transfer.wait();
    }
    this.#next();
  }

  /** What can be said before a byte is sent. */
  #problemWith(file) {
    const limit = Number(this.getAttribute("max-bytes"));
    if (file.size === 0) return this.say("empty");
    if (limit && file.size > limit) {
      return this.say("too-large", { size: size(file.size), limit: this.getAttribute("max-text") });
    }
    if (file.type.startsWith("image/") && file.type !== "image/gif") return this.say("photo");
    return "";
  }

  async #next() {
    if (this.#transfers.some((transfer) => ["sending", "finishing"].includes(transfer.state))) return;
    const transfer = this.#transfers.find((candidate) => candidate.state === "waiting");
    if (!transfer) return;
    await transfer.run();
    this.#next();
  }

  #press(button) {
    if (!button) return;
    const { transfer } = button.closest("li");
    const action = button.dataset.do;
    if (action === "pause") transfer.pause();
    if (action === "cancel") transfer.cancel();
    if (action === "resume" || action === "retry") {
      transfer.wait();
      this.#next();
    }
  }

  #detailsIn(row, values) {
    const saved = row.querySelector("[data-saved]");
    return new Details(row.querySelector("[data-about] form"), values, (state, sentence) => {
      saved.textContent = sentence ?? this.say(state);
      saved.classList.toggle("err", state === "refused" || state === "unsaved");
    });
  }

  #newRow(file) {
    const row = this.querySelector("template[data-row]").content.cloneNode(true).querySelector("li");
    row.querySelector("h2").textContent = file.name;
    for (const button of row.querySelectorAll("button")) {
      button.hidden = true;
      button.setAttribute("aria-label", sentence(button.dataset.label, { name: file.name }));
    }
    row.querySelector("progress").setAttribute("aria-label", file.name);
    this.rows.append(row);
    return row;
  }

  #show(transfer) {
    const { row, state } = transfer;
    const line = row.querySelector("progress");
    const percent = Math.floor((transfer.sent / transfer.file.size) * 100);
    const entered = row.dataset.state !== state;
    row.dataset.state = state;
    this.#showButtons(row, BUTTONS[state]);
    line.hidden = ["done", "cancelled", "new"].includes(state);
    line.classList.toggle("still", state !== "sending" && state !== "finishing");
    line.value = percent;
    row.querySelector(".meta").hidden = ["done", "failed"].includes(state);
    row.querySelector("[data-percent]").hidden = state === "cancelled";
    row.querySelector("[data-percent]").textContent = `${percent} %`;
    row.querySelector("[data-text]").textContent = this.#textOf(transfer, percent);
    row.querySelector("[data-done]").hidden = state !== "done";
    if (state === "done") row.querySelector("[data-done] a").href = transfer.video.url;
    row.querySelector("[data-about]").hidden = ["new", "cancelled"].includes(state);
    if (state !== "cancelled") this.#adopt(transfer);
    this.#showNote(row, this.#noteOf(transfer, percent));
    if (entered || state === "sending") this.#announce(this.#announcementOf(transfer, percent), entered);
  }

  /** The upload has a video now: its details are saved there, and it is not left over any more. */
  #adopt(transfer) {
    transfer.details.belongTo(transfer.video);
    if (!transfer.id) return;
    this.querySelector(`[data-upload="${CSS.escape(transfer.id)}"]`)?.remove();
    const rest = this.querySelector(".unfinished");
    if (rest && !rest.querySelector("[data-upload]")) rest.remove();
  }

  #showButtons(row, actions) {
    const focused = document.activeElement;
    for (const button of row.querySelectorAll("button")) button.hidden = !actions.includes(button.dataset.do);
    if (row.contains(focused) && focused.hidden) (row.querySelector("button:not([hidden])") ?? this.input).focus();
  }

  #showNote(row, text) {
    const note = row.querySelector("[data-note]");
    note.hidden = !text;
    note.querySelector("p").textContent = text;
    if (!row.transfer) row.querySelector(".meta").hidden = row.querySelector("progress").hidden = true;
  }

  #textOf(transfer, percent) {
    if (transfer.state === "waiting") return this.say("waiting");
    if (transfer.state === "paused") return this.say("paused", sizes(transfer.sent, transfer.file.size));
    if (transfer.state === "cancelled") return this.say("cancelled");
    if (transfer.state === "finishing") return this.say("finishing");
    if (transfer.offline) return this.say("offline", { percent });
    const { sent, size: whole } = sizes(transfer.sent, transfer.file.size);
    const texts = [this.say("of", { sent, size: whole })];
    const speed = transfer.speed;
    const time = speed > 0 && left((transfer.file.size - transfer.sent) / speed);
    if (speed > 0) texts.push(this.say("speed", { speed: size(speed) }));
    if (time) texts.push(this.say(...time));
    return texts.join(", ");
  }

  #noteOf(transfer, percent) {
    return transfer.state === "failed" ? transfer.failure || this.say("cut-off", { percent }) : "";
  }

  #announcementOf(transfer, percent) {
    const words = {
      done: () => this.say("done"),
      failed: () => this.#noteOf(transfer, percent),
      sending: () => `${percent} %, ${this.#textOf(transfer, percent)}`,
    };
    const text = words[transfer.state] ?? (() => this.#textOf(transfer, percent));
    return `${transfer.file.name}: ${text()}`;
  }

  #announce(text, now) {
    if (!now && Date.now() - this.#announced < ANNOUNCE_EVERY) return;
    this.#announced = Date.now();
    this.status.textContent = text;
  }
}

customElements.define("upload-queue", UploadQueue);
