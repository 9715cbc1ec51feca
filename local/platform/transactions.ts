/**
 * Transactions for stand-ins that outlive restarts of the server. With sql.begin of postgres.js 3.4.9 a session that is
 * lost in a transaction ends the process: the rollback is written to a socket that is gone (porsager/postgres#1154).
 * Nothing is asked of a lost session here.
 */
import connect from "postgres";

interface Session {
  sql: connect.Sql;
  isLost: boolean;
}

export class Transactions implements AsyncDisposable {
  #idle: Session[] = [];
  #all = new Set<Session>();
  #waiting: (() => void)[] = [];

  /** At most that many at a time; others wait. `application` names their sessions in pg_stat_activity. */
  constructor(private readonly url: string, private readonly most: number, private readonly application?: string) {}

  /** Ends all sessions. Those of later transactions are new. */
  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = [...this.#all];
    this.#idle = [];
    await Promise.all(sessions.map((session) => this.#close(session)));
  }

  /** Commits what `work` has done, or rolls it back if that throws. */
  async run<T>(work: (sql: connect.Sql) => Promise<T>): Promise<T> {
    const session = await this.#take();
    // One that cannot begin or roll back is given up, which rolls back.
    let isUsable = false;
    try {
      await session.sql`begin`;
      try {
        const result = await work(session.sql);
        await session.sql`commit`;
        isUsable = true;
        return result;
      } catch (error) {
        isUsable = !session.isLost && await session.sql`rollback`.then(() => true, () => false);
        throw error;
      }
    } finally {
      if (isUsable) this.#idle.push(session);
      else await this.#close(session);
      this.#waiting.shift()?.();
    }
  }

  async #take(): Promise<Session> {
    for (;;) {
      const session = this.#idle.pop() ?? (this.#all.size < this.most ? this.#open() : undefined);
      if (!session) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else if (session.isLost) await this.#close(session);
      else return session;
    }
  }

  #open(): Session {
    const sql = connect(this.url, {
      max: 1,
      onnotice: () => {},
      fetch_types: false,
      idle_timeout: 10,
      backoff: () => 0,
      onclose: () => session.isLost = true,
      connection: this.application ? { application_name: this.application } : {},
    });
    const session: Session = {
      isLost: false,
      sql: new Proxy(sql, {
        apply(query, self, parameters) {
          if (session.isLost) throw new Error("the session of this transaction was lost");
          return Reflect.apply(query, self, parameters);
        },
      }),
    };
    this.#all.add(session);
    return session;
  }

  async #close(session: Session): Promise<void> {
    this.#all.delete(session);
    await session.sql.end({ timeout: session.isLost ? 0 : 1 });
    session.isLost = true;
  }
}
