import { Icon } from "../ui/Icon";

const SAID_AT = new Set([30, 10]);
const SOON_S = 15;

/** How long a card can still be answered. It is read out at a few moments, not each second. */
export function Countdown({ left }: { left: number }) {
  const seconds = Math.ceil(left / 1_000);
  const said = SAID_AT.has(seconds) ? `${seconds} seconds left to answer` : "";
  return (
    <span className="countdown" data-soon={seconds <= SOON_S}>
      <Icon name="clock" />
      <span aria-hidden="true">{clockOf(seconds)}</span>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </span>
  );
}

/** Minutes and seconds, as 1:05. */
export function clockOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  if (hours > 0) return `${hours}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
  return `${minutes}:${rest}`;
}
