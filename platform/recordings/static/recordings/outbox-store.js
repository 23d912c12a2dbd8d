// Where recordings wait: IndexedDB, which survives a reload and a killed tab; else memory.

const NAME = "crosstalk";
const RECORDINGS = "recordings";
const LEASES = "leases";

/** The device's store, or this page's memory where the browser offers none. */
export async function openStore(factory = globalThis.indexedDB) {
  try {
    return new DeviceStore(await opened(factory));
  } catch {
    return new MemoryStore(); // a private window, or storage is switched off
  }
}

class DeviceStore {
  isKept = true;
  #db;

  constructor(db) {
    this.#db = db;
  }

  async put(item) {
    await this.#do(RECORDINGS, "readwrite", (store) => store.put(item));
  }

  async get(id) {
    return this.#do(RECORDINGS, "readonly", (store) => store.get(id));
  }

  async delete(id) {
    await this.#do(RECORDINGS, "readwrite", (store) => store.delete(id));
  }

  async all() {
    return this.#do(RECORDINGS, "readonly", (store) => store.getAll());
  }

  /** Become or stay the owner of `name` until `until`; false while another one is. */
  async lease(name, owner, until, now) {
    let mine = false;
    await this.#do(LEASES, "readwrite", (store) => {
      const asked = store.get(name);
      asked.onsuccess = () => {
        const held = asked.result;
        mine = !held || held.owner === owner || held.until <= now;
        if (mine) store.put({ id: name, owner, until });
      };
      return asked;
    });
    return mine;
  }

  /** One transaction; resolves when it is on the disk, not before. */
  #do(name, mode, work) {
    return new Promise((resolve, reject) => {
      const options = { durability: "strict" };
      const transaction = this.#db.transaction(name, mode, options);
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () =>
        reject(transaction.error ?? request.error);
    });
  }
}

export class MemoryStore {
  isKept = false;
  #items = new Map();

  async put(item) {
    this.#items.set(item.id, item);
  }

  async get(id) {
    return this.#items.get(id);
  }

  async delete(id) {
    this.#items.delete(id);
  }

  async all() {
    return [...this.#items.values()];
  }

  async lease() {
    return true; // nobody else sees this memory
  }
}

function opened(factory) {
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const name of [RECORDINGS, LEASES]) {
        request.result.createObjectStore(name, { keyPath: "id" });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
