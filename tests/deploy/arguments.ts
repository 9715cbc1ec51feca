/** Watches the arguments of all processes on this machine, where it is Linux. */
export function watchArguments(secrets: string[]): { found(): Promise<string[]> } {
  let done = false;
  const found = new Set<string>();
  const watching = (async () => {
    while (!done && Deno.build.os === "linux") {
      for (const { name } of [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name))) {
        // The process may have ended.
        const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
        if (secrets.some((secret) => line.includes(secret))) found.add(line);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async found() {
      done = true;
      await watching;
      return [...found];
    },
  };
}
