/** A copy of this checkout, like a clone. */
import { dirname } from "node:path";
import { ROOT } from "../../local/tools/paths.ts";

/**
 * Always the same folder below `target`, so that cargo builds only what changed since the last copy. Its name has spaces
 * and an accent to test that they work.
 */
const FOLDER = `${ROOT}/target/una copia de niño`;

export interface Ran {
  success: boolean;
  /** Output and errors. */
  said: string;
}

export class Checkout implements AsyncDisposable {
  readonly root = FOLDER;

  /** Copies every file, committed or not, and commits all of them in the copy. */
  static async copy(): Promise<Checkout> {
    const checkout = new Checkout();
    await checkout[Symbol.asyncDispose]();
    const listed = await run(ROOT, "git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for (const path of listed.said.split("\0").filter((path) => path !== "")) {
      const [from, to] = [`${ROOT}/${path}`, `${FOLDER}/${path}`];
      const info = await Deno.lstat(from).catch(() => undefined);
      // Listed, but deleted.
      if (!info) continue;
      await Deno.mkdir(dirname(to), { recursive: true });
      await Deno.copyFile(from, to);
      // make and cargo compare the times of files.
      await Deno.utime(to, info.mtime!, info.mtime!);
    }
    await Deno.symlink(`${ROOT}/local/node_modules`, `${FOLDER}/local/node_modules`);
    await checkout.git("init", "--quiet");
    await checkout.commit();
    return checkout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(FOLDER, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  async commit(): Promise<void> {
    await this.git("add", "--all");
    const author = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
    await this.git(...author, "commit", "--quiet", "--message=copy");
  }

  /** The files added since the last commit, and the lines added to and removed from existing files. */
  async changes(): Promise<{ files: string[]; lines: Record<string, { added: number; removed: number }> }> {
    const untracked = await this.git("ls-files", "--others", "--exclude-standard");
    const numstat = await this.git("diff", "--numstat");
    const rows = numstat.split("\n").filter(Boolean).map((row) => row.split("\t"));
    return {
      files: untracked.split("\n").filter(Boolean),
      lines: Object.fromEntries(rows.map(([added, removed, path]) => [path, { added: +added!, removed: +removed! }])),
    };
  }

  /** Runs a program, which must succeed. */
  async run(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
    const { success, said } = await this.try(program, args, env);
    if (!success) throw new Error(`${program} ${args.join(" ")} failed:\n${said}`);
    return said;
  }

  try(program: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
    return run(FOLDER, program, args, env);
  }

  git(...args: string[]): Promise<string> {
    return this.run("git", args);
  }
}

async function run(cwd: string, program: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const command = new Deno.Command(program, { args, cwd, env: { NO_COLOR: "1", ...env } });
  const { success, stdout, stderr } = await command.output();
  return { success, said: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") };
}
