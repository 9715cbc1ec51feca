/** The posts that are shown, and their likes. */
import type { QueryClient } from "@tanstack/react-query";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Client, useProject } from "./project.js";

export interface Post {
  id: string;
  profile_id: string | null;
  caption: string | null;
  image_url: string | null;
  likes: number;
  created_at: string;
  author: string | null;
}

const POSTS = ["posts"];

export function usePosts(ids?: string[]) {
  const { client } = useProject();
  return useQuery({
    queryKey: ids ? [...POSTS, ids] : POSTS,
    queryFn: ({ signal }) => load(client, signal, ids),
    enabled: !ids || ids.length > 0,
  });
}

async function load(client: Client, signal: AbortSignal, ids?: string[]): Promise<Post[]> {
  const posts = client.from("posts_new").select("id, profile_id, caption, image_url, likes, created_at")
    .order("created_at", { ascending: false }).order("id").limit(30).abortSignal(signal);
  const { data, error } = await (ids ? posts.in("id", ids) : posts);
  if (error) throw error;
  const owners = [...new Set(data.flatMap(({ profile_id }) => profile_id ?? []))];
  const people = await client.from("profiles").select("id, username").in("id", owners).abortSignal(signal);
  if (people.error) throw people.error;
  const names = new Map(people.data.map(({ id, username }) => [id, username]));
  return data.map((post) => ({ ...post, author: names.get(post.profile_id ?? "") ?? null }));
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
      .subscribe();
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
