import { useChatStore, type Notice } from "@uchat/chat";
import { venueName } from "../decision/account";
import { Icon } from "../ui/Icon";
import { whenShort } from "../ui/time";

/** What was told just now, over every page, until it is put away. */
export function Notices() {
  const notices = useChatStore((state) => state.notices);
  return (
    <div className="notices" role="status" aria-label="Alerts" aria-live="assertive">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { notice: Notice }) {
  const dismiss = useChatStore((state) => state.dismissNotice);
  const snooze = useChatStore((state) => state.snoozeAlert);
  const remove = useChatStore((state) => state.deleteAlert);
  const { id, alertId, ordersAt } = notice;
  const then = (act: Promise<void>) => void act.then(() => dismiss(id));
  return (
    <article className="notice">
      <Icon name="bell" />
      <div className="notice-body">
        <p>{notice.text}</p>
        <p className="notice-what">
          {notice.title}, <time dateTime={notice.at}>{whenShort(Date.parse(notice.at))}</time>
        </p>
        {ordersAt !== undefined && <CancelThere venue={ordersAt} onDone={() => dismiss(id)} />}
        {alertId !== null && (
          <div className="notice-actions">
            <button
              type="button"
              className="button small"
              onClick={() => then(snooze(alertId, 1))}
            >
              Snooze 1 h
            </button>
            <button type="button" className="button small" onClick={() => then(remove(alertId))}>
              Delete
            </button>
          </div>
        )}
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        onClick={() => dismiss(id)}
      >
        <Icon name="close" />
      </button>
    </article>
  );
}

function CancelThere({ venue, onDone }: { venue: string; onDone: () => void }) {
  const cancel = useChatStore((state) => state.cancelOrdersAt);
  const venues = useChatStore((state) => state.venues);
  const ask = async () => {
    if (await cancel(venue)) onDone();
  };
  return (
    <div className="notice-actions">
      <button type="button" className="button small" onClick={() => void ask()}>
        Cancel the orders on {venueName(venue, venues)}
      </button>
    </div>
  );
}
