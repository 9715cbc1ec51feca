/** Folders to deploy from. */
import { ROOT } from "../../local/tools/paths.ts";
import type { ManagementApi } from "./management_api.ts";

/** As `supabase functions deploy` is run in a clone: only what the functions need is there. */
export async function copyOfTheProject(folder: string, api: ManagementApi): Promise<string> {
  for (const part of ["supabase", "pkg"]) await copyFolder(`${ROOT}/${part}`, `${folder}/${part}`);
  await writeProfile(`${folder}/profile.yaml`, api);
  return folder;
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
