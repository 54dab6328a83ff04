import { createContext, useContext } from "react";

/** The interface that a part of the page belongs to: its own tab, the widget, the dashboard. */
export const InterfaceContext = createContext("web_chat");

export function useInterface(): string {
  return useContext(InterfaceContext);
}
