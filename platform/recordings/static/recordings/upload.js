// A recording to the server: ticket, file, "it is there". May be repeated at any point.

const WAITS_MS = [1000, 2000, 4000, 8000, 16000];

/** The server's answer was no; `message` says what to do. */
export class Refused extends Error {}

class Later extends Error {} // worth another try

/**
 * Send `file` and return the server's answer: { stamp, recorded, next }.
 * The same recording sent twice earns the same stamp, so every try starts afresh.
 */
export async function send(file, { ticket, finish, csrf, capture }, tools = {}) {
  const { onProgress = () => {}, onRetry = () => {}, wait = pause } = tools;
  const fetch = tools.fetch ?? globalThis.fetch.bind(globalThis);
  const post = tools.post ?? postForm;
  const once = async () => {
    const { url, fields, receipt, max_bytes } = await ask(fetch, ticket, csrf, {});
    if (file.size > max_bytes) throw new Refused(await tooBig(file.size, max_bytes));
    judgeUpload(await post(url, formOf({ ...fields, file }), onProgress));
    const told = { receipt, capture: JSON.stringify(capture) };
    return ask(fetch, finish, csrf, told);
  };
  for (const delay of [...WAITS_MS, null]) {
    try {
      return await once();
    } catch (trouble) {
      if (trouble instanceof Refused || delay === null) throw trouble;
      onRetry(delay);
      await wait(delay);
    }
  }
}

async function ask(fetch, url, csrf, values) {
  const headers = { "X-CSRFToken": csrf };
  const response = await fetch(url, { method: "POST", body: formOf(values), headers });
  if (response.ok) return response.json();
  if (isTemporary(response.status)) throw new Later(`status ${response.status}`);
  throw new Refused(await reason(response));
}

function judgeUpload({ status, text }) {
  if (status >= 200 && status < 300) return;
  if (status === 413) throw new Refused(text);
  throw new Later(`status ${status}`); // 403: the ticket is too old, get a new one
}

function isTemporary(status) {
  return status >= 500 || [408, 409, 425, 429].includes(status);
}

async function reason(response) {
  const json = response.headers.get("Content-Type")?.includes("json");
  if (json) return (await response.json()).refusal;
  return `The site answered ${response.status}. Reload the page and send again.`;
}

function tooBig(size, limit) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  return `The recording has ${megabytes(size)} MB; at most ${megabytes(limit)} MB ` +
    "are taken. Please record a shorter piece.";
}

function formOf(values) {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.append(name, value);
  return form;
}

function pause(ms) {
  return new Promise((over) => setTimeout(over, ms));
}

/** Like fetch, but with progress (0 to 1), which fetch cannot report. */
function postForm(url, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = 120_000;
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = request.ontimeout = () => reject(new Later("no answer"));
    request.send(form);
  });
}
