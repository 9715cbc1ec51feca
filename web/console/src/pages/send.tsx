import { useState } from "react";
import { ActionDialog } from "../parts/action.js";
import { Editor, parse } from "../parts/editor.js";
import { drafts } from "../preferences.js";
import { useProject } from "../project.js";

/** Sends a message that is written here. */
export function SendDialog(
  { queue, functionName, onClose }: { queue: string; functionName: string | null; onClose(): void },
) {
  const { t } = useProject();
  const draft = `message to ${queue}`;
  const [text, setText] = useState(() => drafts.read(draft) ?? "{}");
  const [sent, setSent] = useState(text);
  const { value } = parse(sent);
  return (
    <ActionDialog
      action="send"
      args={{ queue, message: value }}
      of={queue}
      onClose={onClose}
      onDone={() => drafts.drop(draft)}
    >
      <Editor
        queue={queue}
        functionName={functionName}
        label={t.body}
        text={text}
        onChange={(next) => {
          setText(next);
          drafts.keep(draft, next);
          if (parse(next).problem === undefined) setSent(next);
        }}
      />
    </ActionDialog>
  );
}
