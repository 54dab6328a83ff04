const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  pencil: "M4 20h4L19 9a2.1 2.1 0 0 0-4-4L4 16zM13.5 6.5l4 4",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  close: "M6 6l12 12M18 6 6 18",
  leave: "M10 5H5v14h5M14 8l4 4-4 4M18 12H9",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5 10 17 19 7",
  chat: "M6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-5 4v-4H4V6.5z",
  chart: "M4 19.5h16M6.5 16v-4M12 16V6M17.5 16V9.5",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M13 4.5v5M7 14.5v5",
  stop: "M7 7h10v10H7z",
  power: "M12 3.5v8M7 6.8a7.3 7.3 0 1 0 10 0",
  clock: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.5l3 1.8",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
  alert: "M12 8v5M12 16.5v.01M12 3.5 2.8 19.5h18.4z",
} as const;

export type IconName = keyof typeof PATHS;

/** A line icon; the control that holds it has the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" />
      <path d="M8 11.5h16M8 16h10.5M8 20.5h13" />
      <circle cx="23.5" cy="16" r="2" />
    </svg>
  );
}
