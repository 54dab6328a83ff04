const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;

/** A new ULID (https://github.com/ulid/spec). `crypto.randomUUID` is missing on plain http. */
export function newUlid(now: number): string {
  let time = "";
  for (let rest = now, i = 0; i < TIME_CHARS; i += 1) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_CHARS));
  return time + Array.from(bytes, (byte) => ALPHABET.charAt(byte % 32)).join("");
}

/** When an id that ends in a ULID was made, or null. */
export function timeOfId(id: string): Date | null {
  const ulid = id.slice(id.lastIndexOf("_") + 1);
  if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(ulid)) return null;
  let ms = 0;
  for (const char of ulid.slice(0, TIME_CHARS)) ms = ms * 32 + ALPHABET.indexOf(char);
  return new Date(ms);
}
