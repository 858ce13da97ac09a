// htmx for the fragments that refresh themselves.
import htmx from "htmx.org";

// A fragment answers for itself; an error page must not take its place and end the polling.
htmx.config.noSwap = [204, 304, "4xx", "5xx"];

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden) event.preventDefault();
});
