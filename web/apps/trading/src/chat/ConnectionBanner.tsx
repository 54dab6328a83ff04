import { useChatStore } from "@uchat/chat";

const TOO_MANY_WINDOWS = 4505;

/** Says what the connection is doing, when it is not simply there. */
export function ConnectionBanner() {
  const connection = useChatStore((state) => state.connection);
  const wasOnline = useChatStore((state) => state.wasOnline);
  const reconnect = useChatStore((state) => state.reconnect);

  if (connection.state === "stopped") {
    const tooMany = connection.code === TOO_MANY_WINDOWS;
    return (
      <div className="bar stopped" role="alert">
        <span>
          {tooMany
            ? "The chat is open in too many windows. Close one of them to go on here."
            : "This page is out of date and was disconnected. Reload it to go on."}
        </span>
        <button
          type="button"
          className="button small"
          onClick={tooMany ? reconnect : () => location.reload()}
        >
          {tooMany ? "Connect again" : "Reload"}
        </button>
      </div>
    );
  }
  const away = connection.state === "waiting" || (connection.state === "connecting" && wasOnline);
  return (
    <div className="bar away" role="status" hidden={!away}>
      {away && (
        <span>
          {wasOnline
            ? "Reconnecting… What you write is kept and will be sent."
            : "The server cannot be reached. Trying again…"}
        </span>
      )}
      {connection.state === "waiting" && (
        <button type="button" className="link" onClick={reconnect}>
          Try now
        </button>
      )}
    </div>
  );
}
