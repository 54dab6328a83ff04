/** A small durable map of strings, shared by the windows of one browser. */
export interface KeyValue {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(prefix: string): string[];
}

export function memoryStorage(): KeyValue {
  const items = new Map<string, string>();
  return {
    get: (key) => items.get(key) ?? null,
    set: (key, value) => void items.set(key, value),
    remove: (key) => void items.delete(key),
    keys: (prefix) => [...items.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** localStorage; where the browser forbids it (private windows, a full disk) memory does. */
export function browserStorage(storage: () => Storage): KeyValue {
  const spare = memoryStorage();
  try {
    const real = storage();
    real.setItem("uchat.probe", "1");
    real.removeItem("uchat.probe");
    return {
      get: (key) => real.getItem(key) ?? spare.get(key),
      set(key, value) {
        try {
          real.setItem(key, value);
        } catch {
          spare.set(key, value);
        }
      },
      remove(key) {
        real.removeItem(key);
        spare.remove(key);
      },
      keys: (prefix) => [
        ...Object.keys(real).filter((key) => key.startsWith(prefix)),
        ...spare.keys(prefix),
      ],
    };
  } catch {
    return spare;
  }
}
