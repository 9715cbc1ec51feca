/** Pictures that failed, with their reason and the upload itself, which an operator may look at. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Answer } from "../parts/answer.js";
import { argumentsOf, Form, Text } from "../parts/form.js";
import { More } from "../parts/more.js";
import { Table } from "../parts/table.js";
import { Num, Remedy, Said, Time, VerdictPill } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { setQuery, useRoute } from "../route.js";
import type { Picture, Verdict } from "../pages.js";

export default function Images() {
  const { t } = useProject();
  const { query } = useRoute();
  const images = usePage("images", argumentsOf(query, ["reason"]), { keep: true });
  return (
    <>
      <header className="head">
        <h1>{t.nav.images} {images.data && <VerdictPill verdict={images.data.health.status as Verdict} />}</h1>
      </header>
      <Answer of={images}>
        {({ items, next, health, now }) => (
          <>
            <Remedy reason={health.reason as string | null} remedy={health.remedy as string | null} />
            <dl className="facts card">
              {Object.entries(health).filter(([, value]) => typeof value === "number").map(([name, value]) => (
                <div key={name}>
                  <dt>{t.imageFields[name] ?? name}</dt>
                  <dd>
                    <Num n={value as number} />
                  </dd>
                </div>
              ))}
            </dl>
            <Form label={t.filter} submit={t.apply} onSubmit={setQuery}>
              <Text name="reason" label={t.reason} />
            </Form>
            {items.length === 0 ? <p className="empty">{t.picturesNone}</p> : (
              <Table
                label={t.nav.images}
                items={items}
                keyOf={({ id }) => id}
                columns={[
                  { name: t.picture, cell: (picture) => <Upload picture={picture} /> },
                  {
                    name: t.reason,
                    cell: ({ reason, error }) => (
                      <>
                        <button type="button" className="link" onClick={() => setQuery({ reason, before: null })}>
                          {reason}
                        </button>
                        <p>
                          <Said text={error} />
                        </p>
                      </>
                    ),
                  },
                  { name: t.owner, cell: ({ username, owner_id }) => username ?? owner_id },
                  { name: t.upload, cell: ({ path }) => <code className="long">{path}</code> },
                  {
                    name: t.size,
                    cell: ({ size_bytes, format }) => (
                      <>
                        <Num n={size_bytes} of="bytes" /> {format}
                      </>
                    ),
                    isNumber: true,
                  },
                  { name: t.at, cell: ({ processed_at }) => <Time at={processed_at} now={now} /> },
                ]}
              />
            )}
            <More next={next} />
          </>
        )}
      </Answer>
    </>
  );
}

/** Read only when somebody asks: it is a person's picture. */
function Upload({ picture: { bucket, path, upload_removed_at: removed, error } }: { picture: Picture }) {
  const { client, t } = useProject();
  const [isOpen, setOpen] = useState(false);
  const file = useQuery({
    queryKey: ["upload", bucket, path],
    enabled: isOpen,
    retry: false,
    queryFn: async () => {
      const { data, error } = await client.storage.from(bucket).download(path);
      if (error) throw error;
      return data;
    },
  });
  const [address, setAddress] = useState<string>();
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    if (!file.data) return;
    const url = URL.createObjectURL(file.data);
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [file.data]);
  if (removed) return <span className="faint">{t.uploadGone}</span>;
  if (!isOpen) return <button type="button" onClick={() => setOpen(true)}>{t.showPicture}</button>;
  if (file.isError || isBroken) return <span className="bad" role="status">{t.pictureFailed}</span>;
  if (!address) return <span role="status">{t.loading}</span>;
  return <img className="upload" src={address} alt={`${t.upload}: ${error}`} onError={() => setBroken(true)} />;
}
