import { postgres } from "../tools/binaries.ts";

/**
 * Postgres refuses to run as root. For root (containers, CI) it runs in a user namespace where root's files belong to an
 * ordinary user, or as `nobody` where the kernel forbids that.
 */
export interface Unprivileged {
  /** The command that runs `program` without root's rights. */
  wrap(program: string, args: string[]): { program: string; args: string[]; uid?: number; gid?: number };
  /** Lets that user write to the folder. */
  own(folder: string): Promise<void>;
}

const NOBODY = 65534;
const NAMESPACE = ["--user", "--map-user=1000", "--map-group=1000"];

let found: Promise<Unprivileged> | undefined;

/** The method that works on this machine. */
export function unprivileged(): Promise<Unprivileged> {
  return found ??= find();
}

async function find(): Promise<Unprivileged> {
  const nothing = () => Promise.resolve();
  if (Deno.uid() !== 0) return { wrap: (program, args) => ({ program, args }), own: nothing };
  if (await works("unshare", [...NAMESPACE, "true"])) {
    return { wrap: (program, args) => ({ program: "unshare", args: [...NAMESPACE, program, ...args] }), own: nothing };
  }
  if (!(await works(postgres(17), ["--version"], NOBODY))) {
    throw new Error(
      `Postgres must not run as root, and \`nobody\` cannot read ${postgres(17)}: ` +
        "move the checkout to a folder that everyone can read, or run this as a normal user",
    );
  }
  return {
    wrap: (program, args) => ({ program, args, uid: NOBODY, gid: NOBODY }),
    own: (folder) => Deno.chown(folder, NOBODY, NOBODY),
  };
}

async function works(program: string, args: string[], uid?: number): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, uid, gid: uid, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}
