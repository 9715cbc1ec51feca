/** Uploads pictures as an app does. */
import { createClient } from "@supabase/supabase-js";
import { signToken } from "./keys.ts";
import { posts } from "./people.ts";
import { drawn, type Scene } from "./scenes.ts";
import type { Stack } from "./stack.ts";

/** Uploads a picture for a post of a person, unless it is there already. */
export async function uploadPicture(stack: Stack, ownerId: string, postId: string, scene: Scene): Promise<void> {
  const token = await signToken(stack.jwtSecret, { role: "authenticated", sub: ownerId });
  const app = createClient(stack.url, stack.publishableKey, { accessToken: () => Promise.resolve(token) });
  const { error } = await app.storage.from("uploads").upload(`${ownerId}/${postId}/photo`, drawn(scene), {
    contentType: "image/png",
  });
  if (error && (error as { statusCode?: string }).statusCode !== "409") throw error;
}

/** Uploads those of the posts of `make dev`; they are processed like all others. */
export async function addPictures(stack: Stack): Promise<void> {
  for (const { id, owner, scene } of posts) await uploadPicture(stack, owner.id, id, scene);
}
