import type { Problem } from "@uchat/contracts";
import { ApiError } from "./errors";

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  token?: string;
}

const TIMEOUT_MS = 15_000;

/** Make one JSON call; every failure is an ApiError. */
export async function callJson<T>(fetcher: Fetch, url: string, call: Call): Promise<T> {
  const response = await answerTo(fetcher, url, call);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** Fetch a file; every failure is an ApiError. */
export async function callFile(fetcher: Fetch, url: string, call: Call): Promise<Blob> {
  const response = await answerTo(fetcher, url, call);
  try {
    return await response.blob();
  } catch {
    throw new ApiError(0, "network", "The file did not arrive whole");
  }
}

async function answerTo(fetcher: Fetch, url: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (call.token !== undefined) headers["Authorization"] = `Bearer ${call.token}`;
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  const init: RequestInit = {
    method: call.method ?? "GET",
    headers,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  };
  let response: Response;
  try {
    response = await fetcher(url, init);
  } catch {
    throw new ApiError(0, "network", "The server cannot be reached");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get("Retry-After") ?? "");
  const retryAfterMs = seconds > 0 ? seconds * 1_000 : null;
  const problem = (await response.json().catch(() => null)) as
    | (Partial<Problem> & Record<string, unknown>)
    | null;
  return new ApiError(
    response.status,
    problem?.code ?? "unexpected_answer",
    problem?.errors?.[0]?.detail ?? problem?.detail ?? `The server answered ${response.status}`,
    retryAfterMs,
    problem ?? {},
  );
}
