/** How much of something is used up, 0 to 1. */
export function Meter({ of, label }: { of: number; label: string }) {
  const part = Math.min(Math.max(Number.isFinite(of) ? of : 0, 0), 1);
  return (
    <span
      className="meter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
    >
      <span style={{ width: `${part * 100}%` }} />
    </span>
  );
}
