import { interfaceName } from "../ui/interfaces";
import { useInterface } from "../ui/surface";

/** Says where a message was written, if not here. */
export function OriginBadge({ name }: { name: string | null }) {
  const here = useInterface();
  if (name === null || name === here) return null;
  return <span className="badge origin">from {name === "api" ? "API" : interfaceName(name)}</span>;
}
