import { useChatStore } from "@uchat/chat";
import type { FormEvent } from "react";
import { Field, NEW_PASSWORD } from "./Field";

interface AccountFormProps {
  creating: boolean;
  problem: string | null;
}

export function AccountForm({ creating, problem }: AccountFormProps) {
  const busy = useChatStore((state) => state.busy);
  const signIn = useChatStore((state) => state.signIn);
  const register = useChatStore((state) => state.register);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name) ?? "");
    if (creating) void register(value("name"), value("email"), value("password"));
    else void signIn(value("email"), value("password"));
  };

  return (
    <form className="account-form" onSubmit={submit}>
      {creating && <Field label="Name" name="name" autoComplete="name" maxLength={200} />}
      <Field label="E-mail" name="email" type="email" autoComplete="email" />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={creating ? "new-password" : "current-password"}
        {...(creating ? NEW_PASSWORD : {})}
      />
      {problem !== null && (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      )}
      <button className="button wide" type="submit" disabled={busy}>
        {creating ? "Create account" : "Sign in"}
      </button>
    </form>
  );
}
