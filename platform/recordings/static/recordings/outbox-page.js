// A page that records nothing itself still sends what waits on this device.

import { openOutbox } from "./outbox-panel.js";

const stamps = document.querySelector(".stamps");
const outbox = await openOutbox(document.getElementById("outbox"), ({ what }) => {
  if (what === "sent" && stamps) location.reload(); // the page shows one stamp more
});
await outbox.wake();
