// My videos: rows that change by themselves (htmx), and how many are ticked. The bar itself is shown by the stylesheet.
import "./site.js";
import { sentence } from "./words.js";

const bar = document.getElementById("bulk");
const status = bar?.querySelector("[role=status]");

const ticked = () => document.querySelectorAll("input[name=video][form=bulk]:checked").length;
const count = () => (status.textContent = sentence(bar.dataset.selected, { n: ticked() }));

if (bar) {
  document.addEventListener("change", (event) => event.target.matches("input[name=video]") && count());
  bar.addEventListener("reset", () => setTimeout(count));
  addEventListener("pageshow", count); // the browser may have kept the ticks
}
