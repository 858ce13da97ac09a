var n=document.querySelector("[data-offline]");function e(){n.textContent=navigator.onLine?"":n.dataset.offline}n&&(addEventListener("online",e),addEventListener("offline",e),e());
