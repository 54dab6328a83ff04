import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Nearer to the end than this counts as being there, in CSS pixels. */
const NEAR = 64;

/**
 * Keeps the end in view while it was in view, and goes there when a message of one's `own` comes;
 * `contents` are what the height depends on.
 */
export function useStickToBottom(own: string | null, ...contents: readonly unknown[]) {
  const scroller = useRef<HTMLElement>(null);
  const sticky = useRef(true);
  const [atBottom, setAtBottom] = useState(true);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = () => {
      const left = element.scrollHeight - element.scrollTop - element.clientHeight;
      sticky.current = left < NEAR;
      setAtBottom(sticky.current);
    };
    // The keyboard of a phone, a rotated screen or a longer draft take height away.
    const resized = new ResizeObserver(() => {
      if (sticky.current) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener("scroll", onScroll, { passive: true });
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", onScroll);
      resized.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    if (own !== null) sticky.current = true;
  }, [own]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && sticky.current) element.scrollTop = element.scrollHeight;
    // oxlint-disable-next-line react/exhaustive-deps -- the caller says what the height depends on
  }, contents);

  const toBottom = useCallback(() => {
    sticky.current = true;
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "smooth" });
  }, []);

  /** Run what puts content above, leaving what is seen where it is. */
  const keepPlace = useCallback((task: () => Promise<void>) => {
    const element = scroller.current;
    if (element === null) return;
    const fromEnd = element.scrollHeight - element.scrollTop;
    void task().then(() =>
      requestAnimationFrame(() => {
        element.scrollTop = element.scrollHeight - fromEnd;
      }),
    );
  }, []);

  return { scroller, atBottom, toBottom, keepPlace };
}
