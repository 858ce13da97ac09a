// Shows what needs a passkey only where the browser has them, and says so when one was not given.
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = !window.PublicKeyCredential
  for (const part of document.querySelectorAll("[data-no-passkey]")) part.hidden = !!window.PublicKeyCredential
})
document.addEventListener("allauth.error", (event) => {
  event.preventDefault()
  const trouble = document.querySelector("[data-passkey-trouble]")
  if (trouble) trouble.hidden = false
})
