import { useChatStore } from "@uchat/chat";
import { Icon } from "../ui/Icon";

export function ProblemBar() {
  const problem = useChatStore((state) => state.problem);
  const dismiss = useChatStore((state) => state.dismissProblem);
  if (problem === null) return null;
  return (
    <div className="bar problem" role="alert">
      <span>{problem}</span>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
