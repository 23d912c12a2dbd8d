// One try to bring a recording to the server: ticket, file, "it is there".

/** The server's answer was no; `message` says what to do. */
export class Refused extends Error {}

/** No answer, or one that may differ later: "network" or a status. */
export class Later extends Error {}

/**
 * Bring one item of the outbox and return the server's answer: { stamp, recorded, next }.
 * Its hash is its name: bytes that the server has already are answered, not sent again.
 */
export async function deliver(item, { csrf, onProgress = () => {}, ...tools }) {
  const fetch = tools.fetch ?? globalThis.fetch.bind(globalThis);
  const post = tools.post ?? postForm;
  const { task, sha256, type, capture } = item;
  const ticket = await ask(fetch, task.ticket, csrf, { sha256, type });
  if (ticket.answer) return ticket.answer;
  const file = new Blob([item.bytes], { type });
  if (file.size > ticket.max_bytes) {
    throw new Refused(tooBig(file.size, ticket.max_bytes));
  }
  judgeUpload(await post(ticket.url, formOf({ ...ticket.fields, file }), onProgress));
  const told = { receipt: ticket.receipt, capture: JSON.stringify(capture) };
  return ask(fetch, task.finish, csrf, told);
}

async function ask(fetch, url, csrf, values) {
  const headers = { "X-CSRFToken": csrf };
  const body = formOf(values);
  const response = await fetch(url, { method: "POST", body, headers }).catch(() => {
    throw new Later("network");
  });
  if (response.ok) return response.json();
  if (isTemporary(response.status)) throw new Later(`${response.status}`);
  throw new Refused(await reason(response));
}

function judgeUpload({ status, text }) {
  if (status >= 200 && status < 300) return;
  if (status === 413) throw new Refused(text);
  throw new Later(`${status}`); // 403: the ticket is too old, get a new one
}

/** 403 is a lost cookie: the page brings a new one when it is loaded again. */
function isTemporary(status) {
  return status >= 500 || [403, 408, 409, 425, 429].includes(status);
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

/** Like fetch, but with progress (0 to 1), which fetch cannot report. */
function postForm(url, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = 120_000;
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = request.ontimeout = () => reject(new Later("network"));
    request.send(form);
  });
}
