/** The posts that are shown, and their likes. */
import type { QueryClient } from "@tanstack/react-query";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Client, useProject } from "./project.js";

export interface Variant {
  name: "original" | "medium" | "thumbnail";
  bucket: string;
  path: string;
  width: number;
  height: number;
}

/** What became of an upload. Others than its owner see it once it is ready. */
export interface Image {
  post_id: string;
  status: string;
  reason: string | null;
  error: string | null;
  variants: Variant[] | null;
  color: string | null;
  thumbhash: string | null;
}

export interface Post {
  id: string;
  profile_id: string | null;
  caption: string | null;
  image_url: string | null;
  likes: number;
  created_at: string;
  author: string | null;
  image: Image | null;
}

export const POSTS = ["posts"];
const PENDING_MS = 2_000;

export function usePosts(ids?: string[]) {
  const { client, person } = useProject();
  return useQuery({
    queryKey: [...POSTS, person?.id ?? null, ids ?? null],
    queryFn: ({ signal }) => load(client, signal, person?.id, ids),
    enabled: person !== undefined && (!ids || ids.length > 0),
    // Until the person's own pictures are processed, if no broadcast says so.
    refetchInterval: ({ state }) => state.data?.some(({ image }) => image?.status === "pending") ? PENDING_MS : false,
  });
}

async function load(client: Client, signal: AbortSignal, person?: string, ids?: string[]): Promise<Post[]> {
  const posts = client.from("posts_new").select("id, profile_id, caption, image_url, likes, created_at")
    .order("created_at", { ascending: false }).order("id").limit(30).abortSignal(signal);
  const { data, error } = await (ids ? posts.in("id", ids) : posts);
  if (error) throw error;
  const owners = [...new Set(data.flatMap(({ profile_id }) => profile_id ?? []))];
  const [people, images] = await Promise.all([
    client.from("profiles").select("id, username").in("id", owners).abortSignal(signal),
    client.from("post_images").select("post_id, status, reason, error, variants, color, thumbhash")
      .in("post_id", data.map(({ id }) => id)).order("created_at").abortSignal(signal),
  ]);
  if (people.error) throw people.error;
  if (images.error) throw images.error;
  const names = new Map(people.data.map(({ id, username }) => [id, username]));
  const pictures = new Map(images.data.map((image) => [image.post_id, image as unknown as Image]));
  return data
    .map((post) => ({
      ...post,
      author: names.get(post.profile_id ?? "") ?? null,
      image: pictures.get(post.id) ?? null,
    }))
    // A feed shows what there is to see, and to people also what becomes of their own.
    .filter((post) => ids || post.profile_id === person || post.image_url || post.image);
}

function update(queries: QueryClient, id: string, change: (post: Post) => Partial<Post>): void {
  queries.setQueriesData<Post[]>(
    { queryKey: POSTS },
    (posts) => posts?.map((post) => post.id === id ? { ...post, ...change(post) } : post),
  );
}

let listeners = 0;

/** Counts change under the reader's eyes, where the project publishes posts_new. */
export function useLiveCounts(): void {
  const { client } = useProject();
  const queries = useQueryClient();
  useEffect(() => {
    const channel = client.channel(`posts ${++listeners}`)
      .on("postgres_changes", { event: "UPDATE", schema: "public", table: "posts_new" }, ({ new: post }) => {
        update(queries, (post as Post).id, () => ({ likes: Number((post as Post).likes) }));
      })
      // What changed before that was missed.
      .subscribe((state) => state === "SUBSCRIBED" && queries.invalidateQueries({ queryKey: POSTS }));
    return () => void client.removeChannel(channel);
  }, [client, queries]);
}

/** A like that was refused because it came too soon. */
class TooSoon extends Error {
  constructor(readonly secs: number, readonly isLiked: boolean, readonly likes: number) {
    super("too soon");
  }
}

export function useLike(post: Post) {
  const { client, person } = useProject();
  const queries = useQueryClient();
  const memory = `like ${person?.id ?? ""} ${post.id}`;
  const [isLiked, setLiked] = useState(() => localStorage.getItem(memory) === "1");
  const [waitUntil, setWaitUntil] = useState(0);
  useEffect(() => setLiked(localStorage.getItem(memory) === "1"), [memory]);
  const show = (liked: boolean, likes: number) => {
    setLiked(liked);
    localStorage.setItem(memory, liked ? "1" : "0");
    update(queries, post.id, () => ({ likes }));
  };
  const like = useMutation({
    mutationFn: async () => {
      const { data, error, status } = await client.rpc("toggle_post_like", {
        p_post_id: post.id,
        p_session_id: session(),
      });
      if (status === 429) {
        const { retryAfter, isLiked, newLikeCount } = error as unknown as Record<string, number | boolean>;
        throw new TooSoon(Number(retryAfter), Boolean(isLiked), Number(newLikeCount));
      }
      if (error) throw error;
      return data;
    },
    onMutate: () => {
      const before = { isLiked, likes: post.likes };
      show(!isLiked, post.likes + (isLiked ? -1 : 1));
      return before;
    },
    onSuccess: (data) => {
      if (data.success && !data.deferred) show(data.isLiked, data.newLikeCount);
    },
    onError: (error, _nothing, before) => {
      if (error instanceof TooSoon) {
        show(error.isLiked, error.likes);
        setWaitUntil(Date.now() + error.secs * 1000);
      } else if (before) show(before.isLiked, before.likes);
    },
  });
  return { isLiked, waitUntil, toggle: () => like.mutate(), failed: like.isError && !(like.error instanceof TooSoon) };
}

/** What likes without an account belong to. */
function session(): string {
  const known = localStorage.getItem("session") ?? crypto.randomUUID();
  localStorage.setItem("session", known);
  return known;
}
