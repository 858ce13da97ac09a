// Read at every request: signing in elsewhere changes the token, and the page may be old.
export const csrfToken = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";
