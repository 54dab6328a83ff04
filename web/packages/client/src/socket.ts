/** What the client needs of a WebSocket; tests put a fake in its place. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
}

export interface SocketEvents {
  opened(): void;
  message(text: string): void;
  closed(code: number): void;
}

export type OpenSocket = (url: string, protocol: string, events: SocketEvents) => Socket;

export const openBrowserSocket: OpenSocket = (url, protocol, events) => {
  const socket = new WebSocket(url, protocol);
  socket.addEventListener("open", () => events.opened());
  socket.addEventListener("message", (event) => {
    if (typeof event.data === "string") events.message(event.data);
  });
  socket.addEventListener("close", (event) => events.closed(event.code));
  return {
    send: (text) => socket.send(text),
    close: (code) => socket.close(code),
  };
};
