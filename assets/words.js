// Sizes and times as people say them, and sentences from the page's <template>, where Django has translated them.

const UNITS = ["kB", "MB", "GB", "TB"];
const locale = document.documentElement.lang || undefined;

function unitFor(bytes) {
  let power = 1;
  while (power < UNITS.length && bytes >= 1000 ** (power + 1)) power += 1;
  return power;
}

function inUnit(bytes, power) {
  const value = bytes / 1000 ** power;
  const fractionDigits = value < 100 && power > 1 ? 1 : 0;
  return value.toLocaleString(locale, { minimumFractionDigits: fractionDigits, maximumFractionDigits: fractionDigits });
}

/** "12.6 GB" */
export function size(bytes) {
  const power = unitFor(bytes);
  return `${inUnit(bytes, power)} ${UNITS[power - 1]}`;
}

/** The two numbers of "12.6 of 20.0 GB", in one unit, and that unit. */
export function sizes(part, whole) {
  const power = unitFor(whole);
  return { sent: inUnit(part, power), size: `${inUnit(whole, power)} ${UNITS[power - 1]}` };
}

/** Which sentence says how long it takes, and its number: rounded the way a person would. */
export function left(seconds) {
  if (!Number.isFinite(seconds) || seconds > 86_400) return null;
  if (seconds < 10) return ["left-moment", {}];
  if (seconds < 55) return ["left-seconds", { n: Math.ceil(seconds / 10) * 10 }];
  if (seconds < 5400) return ["left-minutes", { n: Math.max(1, Math.round(seconds / 60)) }];
  return ["left-hours", { n: Math.round(seconds / 3600) }];
}

/** A sentence with its values. */
export function sentence(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** A function from a word's name and values to its sentence. */
export function sentences(template) {
  const known = new Map();
  for (const node of template.content.querySelectorAll("[data-word]")) {
    known.set(node.dataset.word, node.textContent.trim());
  }
  return (name, values = {}) => sentence(known.get(name) ?? name, values);
}

/** What a video is called until somebody says otherwise. */
export function titleOf({ name }) {
  return (name.replace(/\.[^.]*$/, "").trim() || name).slice(0, 200);
}
