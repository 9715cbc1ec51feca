/** What has just been done, at the bottom of the window, for those who see and those who listen. */
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { useProject } from "../project.js";

export interface Notice {
  text: string;
  action?: { label: string; run(): void };
}

const Context = createContext<(notice: Notice) => void>(() => {});

export function Notices({ children }: { children: ReactNode }) {
  const { t } = useProject();
  const [notice, setNotice] = useState<Notice>();
  return (
    <Context value={useCallback((next) => setNotice(next), [])}>
      {children}
      <div role="status" className="toast" data-empty={!notice}>
        {notice && (
          <>
            <span>{notice.text}</span>
            {notice.action && (
              <button
                type="button"
                className="small"
                onClick={() => {
                  setNotice(undefined);
                  notice.action!.run();
                }}
              >
                {notice.action.label}
              </button>
            )}
            <button type="button" className="small" aria-label={t.close} onClick={() => setNotice(undefined)}>×</button>
          </>
        )}
      </div>
    </Context>
  );
}

export const useNotify = () => useContext(Context);
