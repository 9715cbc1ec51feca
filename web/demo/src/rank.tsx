import { useQuery } from "@tanstack/react-query";
import { Link } from "./path.js";
import { Picture } from "./picture.js";
import { usePosts } from "./posts.js";
import { useProject } from "./project.js";

/** The trending posts, best first. */
export function RankGrid() {
  const { client, t } = useProject();
  const ranks = useQuery({
    queryKey: ["trending"],
    refetchInterval: 60_000,
    queryFn: async ({ signal }) => {
      const { data, error } = await client.rpc("trending_posts", { p_limit: 6 }).abortSignal(signal);
      if (error) throw error;
      return data;
    },
  });
  const posts = usePosts(ranks.data?.map(({ post_id }) => post_id) ?? []);
  if (!ranks.data?.length) return null;
  return (
    <section aria-labelledby="trending" className="ranks">
      <h2 id="trending">{t.trending}</h2>
      <ol>
        {ranks.data.map(({ post_id }) => {
          const post = posts.data?.find(({ id }) => id === post_id);
          return post && (
            <li key={post_id}>
              <Link to={`/posts/${post_id}`}>
                <Picture square post={post} alt={post.caption ?? t.photo(post.author ?? t.someone)} />
              </Link>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
