// One part on its way to S3.

export class Unreachable extends Error {}

export class PartRefused extends Unreachable {
  constructor(status) {
    super();
    this.status = status;
  }
}

/** PUT a part. XMLHttpRequest, since fetch tells nothing about how much has gone out. */
export function put(url, bytes, signal, progressed) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", url);
    request.upload.onprogress = (event) => progressed(event.loaded);
    request.onload = () => (request.status < 300 ? resolve() : reject(new PartRefused(request.status)));
    request.onerror = request.ontimeout = request.onabort = () => reject(new Unreachable());
    request.onloadend = () => signal.removeEventListener("abort", stop);
    if (signal.aborted) return reject(new Unreachable());
    signal.addEventListener("abort", stop);
    request.send(bytes);
  });
}
