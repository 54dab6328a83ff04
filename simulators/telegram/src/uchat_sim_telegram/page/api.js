// The simulator's test API, as the page uses it.

async function call(method, path, body, signal) {
  const response = await fetch(path, {
    method,
    signal,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const found = await response.json();
  if (!response.ok) throw new Error(found.error || response.statusText);
  return found;
}

export const api = {
  state: () => call("GET", "/sim/state"),
  users: async () => (await call("GET", "/sim/users")).users,
  join: (first_name, username) => call("POST", "/sim/users", { first_name, username }),
  say: (user_id, text) => call("POST", "/sim/messages", { user_id, text }),
  press: (user_id, message_id, data) =>
    call("POST", "/sim/callbacks", { user_id, message_id, data, wait_s: 20 }),
  stop: (user_id) => call("POST", "/sim/stop", { user_id }),
  chat: (user_id, version, signal) =>
    call("GET", `/sim/chats/${user_id}/messages?wait=20${version === null ? "" : `&version=${version}`}`, null, signal),
};
