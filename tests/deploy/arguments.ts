/** Looks at what everyone on this machine can see of its processes (where that is Linux) until it is asked for. */
export function watchArguments(secrets: string[]): { found(): Promise<string[]> } {
  let done = false;
  const found = new Set<string>();
  const watching = (async () => {
    while (!done && Deno.build.os === "linux") {
      for (const { name } of [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name))) {
        // Most have ended before they are read.
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
