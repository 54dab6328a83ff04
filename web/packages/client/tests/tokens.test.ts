import type { TokensAnswer } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { ApiError, SignedOutError } from "../src/errors";
import { memoryStorage } from "../src/storage";
import { Tokens, type Exclusive } from "../src/tokens";
import { FakeClock } from "./fakes";

const USER = "user_1";

/** Spends refresh tokens as the server does: each works once. */
class FakeSignIn {
  issued = 0;
  revoked = false;
  network = true;
  user = USER;
  readonly #spent = new Set<string>();

  refresh = (refreshToken: string): Promise<TokensAnswer> => {
    if (!this.network) return Promise.reject(new ApiError(0, "network", "away"));
    if (this.revoked || this.#spent.has(refreshToken)) {
      this.revoked = true;
      return Promise.reject(new ApiError(401, "refresh_reused", "used"));
    }
    this.#spent.add(refreshToken);
    return Promise.resolve(this.issue(this.user));
  };

  issue(user = USER): TokensAnswer {
    this.issued += 1;
    return {
      access_token: `a${this.issued}`,
      refresh_token: `r${this.issued}`,
      expires_in: 900,
      user_id: user,
      token_type: "bearer",
      role: "trader",
      permissions: [],
    };
  }
}

function turns(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const mine = last.then(task);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function make(signIn = new FakeSignIn(), storage = memoryStorage(), exclusive = turns()) {
  const clock = new FakeClock();
  const ends: number[] = [];
  const tokens = new Tokens({
    storage,
    clock,
    exclusive,
    refresh: signIn.refresh,
    signedOut: () => ends.push(clock.now()),
  });
  return { tokens, signIn, clock, storage, exclusive, ends };
}

describe("tokens", () => {
  test("are used while they live and renewed before they end", async () => {
    const { tokens, signIn, clock } = make();
    tokens.accept(signIn.issue());
    expect(await tokens.access(30_000)).toBe("a1");
    clock.pass(880_000);
    expect(await tokens.access(30_000)).toBe("a2");
  });

  test("are renewed once however many ask", async () => {
    const { tokens, signIn } = make();
    tokens.accept(signIn.issue());
    expect(await Promise.all([tokens.renew(), tokens.renew(), tokens.renew()])).toEqual([
      "a2",
      "a2",
      "a2",
    ]);
  });

  test("outlive a reload", async () => {
    const first = make();
    first.tokens.accept(first.signIn.issue());
    const second = make(first.signIn, first.storage);
    expect(second.tokens.account).toEqual({ userId: USER, refreshToken: "r1" });
    expect(await second.tokens.access(0)).toBe("a2");
  });

  test("of two windows that renew at once do not end the sign-in", async () => {
    const first = make();
    first.tokens.accept(first.signIn.issue());
    const second = make(first.signIn, first.storage, first.exclusive);
    await Promise.all([first.tokens.renew(), second.tokens.renew()]);
    expect(first.signIn.revoked).toBe(false);
  });

  test("are gone when the server ends the sign-in, but not when it is away", async () => {
    const { tokens, signIn, ends } = make();
    tokens.accept(signIn.issue());
    signIn.network = false;
    await expect(tokens.renew()).rejects.toThrow("away");
    expect(tokens.account).not.toBeNull();
    expect(ends).toHaveLength(0);
    signIn.network = true;
    signIn.revoked = true;
    await expect(tokens.renew()).rejects.toThrow(SignedOutError);
    expect(tokens.account).toBeNull();
    expect(ends).toHaveLength(1);
  });

  test("are refused to a window whose person has changed in another one", async () => {
    const { tokens, signIn, storage } = make();
    tokens.accept(signIn.issue());
    storage.set("uchat.account", JSON.stringify({ userId: "user_2", refreshToken: "x" }));
    await expect(tokens.renew()).rejects.toThrow(SignedOutError);
    expect(tokens.account?.userId).toBe("user_2");
  });

  test("are those of the new person once the window has taken over that change", async () => {
    const first = make();
    first.tokens.accept(first.signIn.issue());
    first.signIn.user = "user_2";
    const second = make(first.signIn, first.storage, first.exclusive);
    second.tokens.accept(first.signIn.issue("user_2"));
    first.tokens.adopt();
    expect(await first.tokens.access(60_000)).toBe("a3");
    expect(first.ends).toEqual([]);
    // Nobody else came: what is held stays in use.
    first.tokens.adopt();
    expect(await first.tokens.access(60_000)).toBe("a3");
  });
});
