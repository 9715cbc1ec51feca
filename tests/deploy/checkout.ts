/** Folders to deploy from. */
import { dirname } from "node:path";
import { ROOT } from "../../local/tools/paths.ts";
import type { ManagementApi } from "./management_api.ts";

/** A clone with only what `supabase functions deploy` needs. */
export async function copyOfTheProject(folder: string, api: ManagementApi): Promise<string> {
  for (const part of ["supabase", "pkg"]) await copyFolder(`${ROOT}/${part}`, `${folder}/${part}`);
  await writeProfile(`${folder}/profile.yaml`, api);
  return folder;
}

/** The files that a clone has, with their changes, and nothing that is installed. */
export async function cloneOfTheProject(folder: string): Promise<string> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await new Deno.Command("git", { args, cwd: ROOT }).output();
  for (const file of new TextDecoder().decode(stdout).split("\0").filter(Boolean)) {
    // A deleted file is listed until that is committed.
    if (!(await exists(`${ROOT}/${file}`))) continue;
    await Deno.mkdir(dirname(`${folder}/${file}`), { recursive: true });
    await Deno.copyFile(`${ROOT}/${file}`, `${folder}/${file}`);
  }
  return folder;
}

/** A PATH with the programs of ours but for those whose names begin so. */
export async function pathWithout(program: string, folder: string): Promise<string> {
  const path = `${folder}/path`;
  await Deno.mkdir(path);
  for (const from of (Deno.env.get("PATH") ?? "").split(":")) {
    if (!(await exists(from))) continue;
    for (const name of names(from)) {
      if (name.startsWith(program)) continue;
      await Deno.symlink(`${from}/${name}`, `${path}/${name}`).catch((error) => {
        // The first one counts.
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      });
    }
  }
  return path;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}

/** The CLI's own way to name another platform: SUPABASE_PROFILE is the path of such a file. */
export async function writeProfile(path: string, api: ManagementApi): Promise<void> {
  const profile = {
    name: "loopback",
    api_url: api.url,
    dashboard_url: api.url,
    project_host: "supabase.co",
    pooler_host: "supabase.com",
  };
  await Deno.writeTextFile(path, Object.entries(profile).map(([key, value]) => `${key}: ${value}\n`).join(""));
}

export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const entry of Deno.readDirSync(from)) {
    if (entry.isDirectory) await copyFolder(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "queues-deploy-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

export function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
