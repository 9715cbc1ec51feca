/** People with devices and addresses at the stand-ins of the providers, and their deliveries. */
import type { Accepted, Device, Providers, PushProvider } from "../../local/providers/providers.ts";
import { pause, type Project, until } from "./project.ts";

export interface PersonOptions {
  language?: "en" | "es";
  devices?: PushProvider[];
  hasEmail?: boolean;
  /** Columns of `profiles`. */
  profile?: Record<string, string | boolean>;
}

export interface Person {
  id: string;
  /** One of their posts. */
  post: string;
  email: string | null;
  devices: Device[];
}

export interface Delivery {
  id: string;
  channel: "push" | "email";
  status: string;
  reason: string | null;
  provider: string | null;
  tries: number;
  uncertain_tries: number;
}

export class Recipients {
  constructor(private readonly project: Project, private readonly providers: Providers) {}

  async add({ language = "en", devices = [], hasEmail = false, profile = {} }: PersonOptions = {}): Promise<Person> {
    const { sql } = this.project;
    const [person] = await sql`insert into profiles ${sql({ language, ...profile })} returning id`;
    const known = devices.map((provider) => this.providers.newDevice(provider));
    for (const device of known) {
      await sql`insert into devices ${sql({ profile_id: person!.id, ...device })}`;
    }
    const email = hasEmail ? `${person!.id}@example.com` : null;
    if (email) {
      await using admin = await this.project.admin();
      await admin.sql`
        insert into auth.users (id, email, email_confirmed_at) values (${person!.id}, ${email}, now())`;
    }
    const [post] = await sql`
      insert into posts_new (profile_id, caption) values (${person!.id}, 'caption') returning id`;
    return { id: person!.id, post: post!.id, email, devices: known };
  }

  /** Likes the person's post and processes it up to the notification; nothing has been delivered yet. */
  async like({ post }: Person, session = "session"): Promise<void> {
    await this.project.sql`select toggle_post_like(${post}, ${session})`;
    await this.project.call("like_events");
    await this.project.call("notifications");
  }

  /** Runs workers until no delivery is left. */
  deliver(): Promise<void> {
    return until(async () => {
      await this.project.call("deliveries");
      if (await this.project.count("pgmq.q_deliveries") === 0) return true;
      await pause(200);
      return false;
    }, "no delivery left");
  }

  /** The ledger of one person, pushes first. */
  async ledger({ id }: Person): Promise<Delivery[]> {
    return [
      ...await this.project.sql<Delivery[]>`
        select id, channel, status, reason, provider, tries, uncertain_tries
        from queues.notification_deliveries where recipient_id = ${id} order by channel desc, created_at, id`,
    ];
  }

  /** What the person's devices and mailbox received. */
  arrived({ devices, email }: Person): Accepted[] {
    const targets = [...devices.map(({ token }) => token), email];
    return this.providers.log.accepted.filter(({ target }) => targets.includes(target));
  }
}
