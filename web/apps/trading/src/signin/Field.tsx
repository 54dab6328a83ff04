import { useId, type InputHTMLAttributes } from "react";

export const PASSWORD_RULE =
  "At least 8 characters, with an upper and a lower case letter and a digit.";

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
