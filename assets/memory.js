// Which upload a file belongs to outlives the page, so that choosing the file again carries on.
const nameOf = (file) => `upload:${file.name}:${file.size}:${file.lastModified}`;

export function recall(file) {
  try {
    return localStorage.getItem(nameOf(file));
  } catch {
    return null;
  }
}

export function remember(file, id) {
  try {
    localStorage.setItem(nameOf(file), id);
  } catch {
    // storage is full or switched off: this upload cannot be carried on later, which is all
  }
}

export function forget(file) {
  try {
    localStorage.removeItem(nameOf(file));
  } catch {
    // nothing was remembered
  }
}
