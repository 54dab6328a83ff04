import { useChatStore } from "@uchat/chat";
import { useId, type FormEvent, type InputHTMLAttributes } from "react";

const PASSWORD_RULE = "At least 8 characters, with an upper and a lower case letter and a digit.";

export function AccountForm({ creating }: { creating: boolean }) {
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
        {...(creating ? { minLength: 8, hint: PASSWORD_RULE } : {})}
      />
      <button className="button wide" type="submit" disabled={busy}>
        {creating ? "Create account" : "Sign in"}
      </button>
    </form>
  );
}

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
}

function Field({ label, hint, ...input }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} required {...(hint ? { "aria-describedby": hintId } : {})} {...input} />
      {hint !== undefined && <small id={hintId}>{hint}</small>}
    </div>
  );
}
