// The licences of what is inside the bundles, shipped beside them. The packages without a file of their own
// (hls-video-element, custom-media-element, media-tracks) are media-chrome's siblings, by Mux, under the same MIT text.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const BUNDLED = ["htmx.org", "hls.js", "media-chrome", "hls-video-element", "custom-media-element", "media-tracks"];

const texts = BUNDLED.map((name) => {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = `${folder}/LICENSE`;
  const text = existsSync(file) ? `\n${readFileSync(file, "utf8").trim()}\n` : "";
  return `${name} ${version} (${license})\n${text}`;
});

writeFileSync("static/dist/LICENSES.txt", texts.join(`\n${"-".repeat(80)}\n`));
