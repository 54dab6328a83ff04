import type { ReactNode } from "react";
import { useId } from "react";

interface PanelProps {
  title: string;
  area: string;
  /** What stands at the end of the title's line. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, area, aside, children }: PanelProps) {
  const id = useId();
  return (
    <section className="panel" data-area={area} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
