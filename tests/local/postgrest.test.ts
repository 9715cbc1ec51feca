import { equal } from "node:assert/strict";
import { listeningPort } from "../../local/stack/postgrest.ts";

Deno.test("finds PostgREST's port though another line follows without a break", () => {
  for (
    const [line, port] of [
      ["25/Nov/2026:12:00:00 +0000: Listening on port 43211", 43211],
      ["25/Nov/2026:12:00:00 +0000: Listening on port 4321125/Nov/2026:12:00:00 +0000: Config reloaded", 43211],
      ["25/Nov/2026:12:00:00 +0000: Connected25/Nov/2026:12:00:00 +0000: Listening on port 5080", 5080],
      ["25/Nov/2026:12:00:00 +0000: Listening on port 508025/Nov/2026:12:00:00 +0000: Connected", 5080],
      ["25/Nov/2026:12:00:00 +0000: Starting PostgREST 12.0.2...", undefined],
    ] as const
  ) equal(listeningPort(line), port, line);
});
