// One tab at a time: Web Locks where there are any, else a lease in the store.

const NAME = "crosstalk-outbox";
const LEASE_MS = 15_000; // a killed tab blocks the others no longer than this

/** A function that runs its work while no other tab of this browser runs its own. */
export function onlyOne(store, tools = {}) {
  const { locks = globalThis.navigator?.locks, now = Date.now, wait = pause } = tools;
  if (locks) return (work) => locks.request(NAME, work);
  const owner = `${Math.random()}`.slice(2);
  const renew = (until) => store.lease(NAME, owner, until, now());
  return async (work) => {
    while (!(await renew(now() + LEASE_MS))) await wait(LEASE_MS / 10);
    const heart = setInterval(() => renew(now() + LEASE_MS), LEASE_MS / 3);
    try {
      return await work();
    } finally {
      clearInterval(heart);
      await renew(0);
    }
  };
}

function pause(ms) {
  return new Promise((over) => setTimeout(over, ms));
}
