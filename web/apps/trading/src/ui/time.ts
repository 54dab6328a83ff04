const DAY_MS = 86_400_000;

export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

export function preciseTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** The time today, the day before. */
export function whenShort(at: number): string {
  if (isSameDay(at, Date.now())) return clockTime(at);
  return new Date(at).toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

/** The day and the time, where both count. */
export function dayAndTime(at: number): string {
  if (isSameDay(at, Date.now())) return `today, ${clockTime(at)}`;
  return `${whenShort(at)}, ${clockTime(at)}`;
}

/** What to write between the messages of two days. */
export function dayName(at: number): string {
  const now = Date.now();
  if (isSameDay(at, now)) return "Today";
  if (isSameDay(at, now - DAY_MS)) return "Yesterday";
  return new Date(at).toLocaleDateString(undefined, {
    weekday: "long",
    day: "numeric",
    month: "long",
  });
}

export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
