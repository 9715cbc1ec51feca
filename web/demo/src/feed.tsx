import { RelativeTime } from "@suplatzigram/notifications";
import { useEffect, useState } from "react";
import { Comments } from "./comments.js";
import { Link } from "./path.js";
import { Picture } from "./picture.js";
import { type Post, useLike, usePosts } from "./posts.js";
import { useProject } from "./project.js";
import { Progress, Publish } from "./upload.js";

export function HomeFeed() {
  const { person, t } = useProject();
  const posts = usePosts();
  return (
    <section aria-labelledby="feed" className="feed">
      <h1 id="feed">{t.feed}</h1>
      {person && <Publish owner={person.id} />}
      {posts.isPending && <p role="status">{t.loading}</p>}
      {posts.isError && <Failed retry={() => posts.refetch()} />}
      {posts.data?.length === 0 && <p>{t.empty}</p>}
      {posts.data?.map((post) => <PostCard key={post.id} post={post} />)}
    </section>
  );
}

export function Failed({ retry }: { retry(): void }) {
  const { t } = useProject();
  return (
    <p role="alert">
      {t.failed} <button type="button" onClick={retry}>{t.tryAgain}</button>
    </p>
  );
}

export function OnePost({ id }: { id: string }) {
  const { t } = useProject();
  const posts = usePosts([id]);
  const [post] = posts.data ?? [];
  if (posts.isPending) return <p role="status">{t.loading}</p>;
  if (posts.isError) return <Failed retry={() => posts.refetch()} />;
  if (!post) return <p>{t.empty}</p>;
  return (
    <>
      <h1>{t.photo(post.author ?? t.someone)}</h1>
      <PostCard post={post} />
      <Comments post={post.id} />
    </>
  );
}

export function PostCard({ post }: { post: Post }) {
  const { t } = useProject();
  const { isLiked, waitUntil, toggle, failed } = useLike(post);
  const secs = useSecsUntil(waitUntil);
  const author = post.author ?? t.someone;
  return (
    <article className="post" aria-label={t.photo(author)}>
      <header>
        <strong dir="auto">{author}</strong> <RelativeTime at={post.created_at} />
      </header>
      <Picture post={post} alt={post.caption ?? t.photo(author)} />
      <Progress post={post} />
      <p dir="auto">{post.caption}</p>
      <footer>
        <button type="button" aria-pressed={isLiked} disabled={secs > 0} onClick={toggle}>
          {isLiked ? t.liked : t.like}
        </button>
        <span>{t.likes(post.likes)}</span>
        <Link to={`/posts/${post.id}`}>{t.comments}</Link>
      </footer>
      <p role="status" className="wait">{secs > 0 ? t.wait(secs) : failed ? t.unreachable : ""}</p>
    </article>
  );
}

function useSecsUntil(at: number): number {
  const [secs, setSecs] = useState(0);
  useEffect(() => {
    const count = () => setSecs(Math.max(0, Math.ceil((at - Date.now()) / 1000)));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [at]);
  return secs;
}
