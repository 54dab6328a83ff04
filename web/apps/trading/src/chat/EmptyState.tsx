import { useChatStore } from "@uchat/chat";

const QUESTIONS = [
  { ask: "What is the price of BTC?", about: "A quote, with its time and where it is from" },
  { ask: "I have $5000 to invest in crypto", about: "A way to spread it, with the reasons" },
  { ask: "Buy 0.01 BTC", about: "A priced order that waits for your approval" },
];

/** Three real things to ask. */
export function EmptyState() {
  const send = useChatStore((state) => state.send);
  return (
    <section className="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">What would you like to know?</h2>
      <p>Ask in your own words. This conversation follows you to every interface.</p>
      <ul>
        {QUESTIONS.map(({ ask, about }) => (
          <li key={ask}>
            <button type="button" onClick={() => send(ask)}>
              <strong>{ask}</strong>
              <span>{about}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
