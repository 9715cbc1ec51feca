/** A post's picture: until it is loaded, its placeholder; before there is one, what was chosen for upload. */
import { useEffect, useMemo, useState } from "react";
import { thumbHashToDataURL } from "thumbhash";
import type { Post, Variant } from "./posts.js";
import { type Client, useProject } from "./project.js";

/** A picture that could not be loaded is asked for again, later each time. */
const RELOADS = 5;
const RELOAD_MS = 1_000;

/** By post, for as long as its picture is not there. */
const previews = new Map<string, string>();

export function preview(post: string, file: File): void {
  forget(post);
  previews.set(post, URL.createObjectURL(file));
}

function forget(post: string): void {
  URL.revokeObjectURL(previews.get(post) ?? "");
  previews.delete(post);
}

/** `square` is for a grid of small ones. */
export function Picture({ post, alt, square = false }: { post: Post; alt: string; square?: boolean }) {
  const { client } = useProject();
  const { id, image, image_url } = post;
  const placeholder = usePlaceholder(post);
  const [failures, setFailures] = useState(0);
  const [reloads, setReloads] = useState(0);
  useEffect(() => {
    if (failures === reloads || failures > RELOADS) return;
    const timer = setTimeout(() => setReloads(failures), RELOAD_MS * 2 ** reloads);
    return () => clearTimeout(timer);
  }, [failures, reloads]);
  const named = (name: Variant["name"]) => image?.variants?.find((variant) => variant.name === name);
  // The thumbnail is square already.
  const variants = [square ? named("thumbnail") : undefined, named("medium"), square ? undefined : named("original")]
    .filter((variant) => variant !== undefined);
  const [first] = variants;
  if (!first && !image_url) return <div role="img" aria-label={alt} className="picture" style={placeholder} />;
  return (
    <img
      key={reloads}
      src={first ? address(client, first) : image_url!}
      srcSet={variants.map((variant) => `${address(client, variant)} ${variant.width}w`).join() || undefined}
      sizes={square ? "(min-width: 960px) 300px, 30vw" : "(min-width: 600px) 526px, calc(100vw - 66px)"}
      alt={alt}
      loading="lazy"
      style={placeholder}
      onLoad={() => forget(id)}
      onError={() => setFailures(reloads + 1)}
    />
  );
}

function address(client: Client, { bucket, path }: Variant): string {
  return client.storage.from(bucket).getPublicUrl(path).data.publicUrl;
}

function usePlaceholder({ id, image }: Post) {
  const hash = image?.thumbhash;
  const drawn = useMemo(
    () => hash && thumbHashToDataURL(Uint8Array.from(atob(hash), (character) => character.charCodeAt(0))),
    [hash],
  );
  const picture = previews.get(id) ?? drawn;
  if (picture) return { background: `${image?.color ?? ""} url("${picture}") center / cover` };
  const hue = (Number.parseInt(id.slice(-4), 16) * 137) % 360;
  return { background: `linear-gradient(135deg, hsl(${hue} 60% 55%), hsl(${(hue + 70) % 360} 60% 35%))` };
}
