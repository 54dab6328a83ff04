const SHORTEST_MS = 200;
const LONGEST_MS = 10_000;

/**
 * How long to wait before the next try, in milliseconds.
 *
 * Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/): anywhere
 * between 0.2 s and a ceiling that doubles up to 10 s, so that clients which lost their server
 * together do not come back together. `atLeast`: what the server asked for.
 */
export function reconnectDelay(attempt: number, random: () => number, atLeast = 0): number {
  const ceiling = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.min(attempt + 1, 16));
  const delay = SHORTEST_MS + random() * (ceiling - SHORTEST_MS);
  return Math.max(delay, atLeast + random() * SHORTEST_MS);
}
