// Every page: says so when the connection is gone. The words are the page's own.
const banner = document.querySelector("[data-offline]");

function tell() {
  banner.textContent = navigator.onLine ? "" : banner.dataset.offline;
}

if (banner) {
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
}
