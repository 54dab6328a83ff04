import { useId, type InputHTMLAttributes } from "react";

const PASSWORD_RULE = "At least 8 characters, with an upper and a lower case letter and a digit.";

/** What a new password must be, said before it is sent. */
export const NEW_PASSWORD = {
  minLength: 8,
  pattern: "(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8,}",
  title: PASSWORD_RULE,
  hint: PASSWORD_RULE,
};

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
}

export function Field({ label, hint, ...input }: FieldProps) {
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
