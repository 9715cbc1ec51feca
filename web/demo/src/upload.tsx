/** Publishing a photo, and what becomes of it. */
import { useBroadcast } from "@suplatzigram/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { preview } from "./picture.js";
import { type Post, POSTS } from "./posts.js";
import { type Client, useProject } from "./project.js";

const TYPES = "image/jpeg,image/png,image/webp,image/gif";
const DRAFT = "draft photo";
const DUPLICATE = "23505";

/** The bucket takes no file of this size. */
class TooLarge extends Error {}

/** Each step may be repeated: a try without an answer is followed by others before the person is asked for one. */
const retry = (failures: number, error: Error) => !(error instanceof TooLarge) && failures < 2;

/** An upload to the same path replaces the one before, so that a second try makes no second picture. */
async function upload(client: Client, owner: string, post: string, file: File): Promise<void> {
  const { error } = await client.storage.from("uploads")
    .upload(`${owner}/${post}/photo`, file, { upsert: true, contentType: file.type });
  if (error && "status" in error && error.status === 413) throw new TooLarge();
  if (error) throw error;
}

/** Shows what became of the person's pictures as soon as it is known. */
export function useOwnPictures(): void {
  const queries = useQueryClient();
  useBroadcast("image", () => void queries.invalidateQueries({ queryKey: POSTS }));
}

/** What was typed stays until it is published, also through a reload. */
export function Publish({ owner }: { owner: string }) {
  const { client, t } = useProject();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [id, setId] = useState(() => crypto.randomUUID() as string);
  const [file, setFile] = useState<File | undefined>();
  const [caption, setCaption] = useState(() => sessionStorage.getItem(DRAFT) ?? "");
  useEffect(() => sessionStorage.setItem(DRAFT, caption), [caption]);
  const publish = useMutation({
    networkMode: "always",
    retry,
    mutationFn: async (file: File) => {
      await upload(client, owner, id, file);
      const post = { id, profile_id: owner, caption: caption.trim() || null };
      const { error } = await client.from("posts_new").insert(post);
      // A try before this one may have succeeded without an answer.
      if (error && error.code !== DUPLICATE) throw error;
      preview(id, file);
    },
    onSuccess: () => {
      setId(crypto.randomUUID());
      setFile(undefined);
      setCaption("");
      input.current!.value = "";
      return queries.invalidateQueries({ queryKey: POSTS });
    },
  });
  return (
    <form
      className="publish"
      onSubmit={(event) => {
        event.preventDefault();
        publish.mutate(file!);
      }}
    >
      <label>
        {t.newPhoto}
        <input
          ref={input}
          type="file"
          required
          accept={TYPES}
          onChange={({ target }) => {
            publish.reset();
            setFile(target.files?.[0]);
          }}
        />
      </label>
      {file && (
        <>
          <Chosen file={file} />
          <label>
            {t.caption}
            <textarea maxLength={2200} dir="auto" value={caption} onChange={({ target }) => setCaption(target.value)} />
          </label>
          {publish.error && <Refused error={publish.error} />}
          <button type="submit" disabled={publish.isPending}>{publish.isPending ? t.uploading : t.publish}</button>
        </>
      )}
    </form>
  );
}

function Chosen({ file }: { file: File }) {
  const { t } = useProject();
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return <img className="chosen" src={address} alt={t.chosen} />;
}

function Refused({ error }: { error: Error }) {
  const { t } = useProject();
  return <p role="alert">{error instanceof TooLarge ? t.pictureReasons.too_many_bytes : t.unreachable}</p>;
}

/** What the owner of a post is told of its picture. */
export function Progress({ post }: { post: Post }) {
  const { person, t } = useProject();
  const { image } = post;
  if (!person || person.id !== post.profile_id || !image || image.status === "ready") return null;
  if (image.status !== "failed") return <p role="status">{image.status === "held" ? t.held : t.processing}</p>;
  const reasons: Record<string, string | undefined> = t.pictureReasons;
  return (
    <div className="refused">
      <p role="alert">{reasons[image.reason ?? ""] ?? image.error}</p>
      <Replace owner={person.id} post={post.id} />
    </div>
  );
}

function Replace({ owner, post }: { owner: string; post: string }) {
  const { client, t } = useProject();
  const queries = useQueryClient();
  const replace = useMutation({
    networkMode: "always",
    retry,
    mutationFn: async (file: File) => {
      await upload(client, owner, post, file);
      preview(post, file);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: POSTS }),
  });
  return (
    <>
      <label>
        {t.anotherPhoto}
        <input
          type="file"
          accept={TYPES}
          disabled={replace.isPending}
          onChange={({ target }) => target.files?.[0] && replace.mutate(target.files[0])}
        />
      </label>
      {replace.error && <Refused error={replace.error} />}
    </>
  );
}
