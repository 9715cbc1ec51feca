/** The core's validation of an analytics message in zod, without the limit of nesting. */
import { z } from "zod";

const DAY_MS = 24 * 60 * 60 * 1_000;
const EARLIEST_MS = Date.UTC(2010, 0, 1);
const MAX_FIELDS = 64;

const message = z.looseObject({
  v: z.literal(1).nullish(),
  event: z.string().max(64).regex(/^[a-z][a-z0-9_]*$/),
  post_id: z.guid().nullish(),
  session_id: z.string().max(128).regex(/\S/).nullish(),
  profile_id: z.guid().nullish(),
  new_count: z.number().int().nonnegative().nullish(),
  timestamp: z.iso.datetime({ offset: true }).refine((text) => {
    const at = Date.parse(text);
    return at >= EARLIEST_MS && at <= Date.now() + DAY_MS;
  }),
  metadata: z.record(z.string(), z.unknown()).nullish(),
}).refine((fields) => Object.keys(fields).length <= MAX_FIELDS);

/** A claim with valid messages. */
export const claim = z.object({
  now: z.iso.datetime({ offset: true }),
  policy: z.record(z.string(), z.number()),
  backlog: z.number().int(),
  messages: z.array(z.object({
    msg_id: z.number().int(),
    read_ct: z.number().int(),
    failures: z.number().int(),
    size_bytes: z.number().int(),
    message,
  })),
});
