/** Filters that apps use today, installed for the comparison alone: Deno fetches the packages when they are imported. */

export type Filter = (text: string) => boolean;

/** The filters by name. One that cannot be had here is left out with the reason. */
export async function rivals(): Promise<Record<string, Filter>> {
  const filters: Record<string, Filter> = {};
  for (const [name, load] of Object.entries(loaders)) {
    try {
      filters[name] = await load();
    } catch (error) {
      console.log(`${name} is left out: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  return filters;
}

const loaders: Record<string, () => Promise<Filter>> = {
  async obscenity() {
    const { RegExpMatcher, englishDataset, englishRecommendedTransformers } = await load("obscenity@0.4.6");
    const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
    return (text) => matcher.hasMatch(text);
  },
  async "bad-words"() {
    const { Filter } = await load("bad-words@4.1.5");
    const filter = new Filter();
    return (text) => filter.isProfane(text);
  },
  async "@2toad/profanity"() {
    const { Profanity, ProfanityOptions } = await load("@2toad/profanity@3.3.0");
    const profanity = new Profanity(Object.assign(new ProfanityOptions(), { languages: ["en", "es"] }));
    return (text) => profanity.exists(text, ["en", "es"]);
  },
  async allprofanity() {
    const { AllProfanity } = await load("allprofanity@2.4.0");
    const profanity = new AllProfanity({ silent: true });
    profanity.loadLanguage("spanish");
    return (text) => profanity.check(text);
  },
  rustrict: rustrictInWasm,
};

// deno-lint-ignore no-explicit-any
function load(name: string): Promise<any> {
  return import(`npm:${name}`);
}

/** Compiles the crate, which is published as Rust alone. */
async function rustrictInWasm(): Promise<Filter> {
  const target = await Deno.makeTempDir({ prefix: "queues-bench-rustrict-" });
  try {
    const { success, stderr } = await new Deno.Command("cargo", {
      args: ["build", "--quiet", "--release", "--locked", "--target=wasm32-unknown-unknown", `--target-dir=${target}`],
      cwd: new URL("rustrict", import.meta.url),
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const wasm = await Deno.readFile(`${target}/wasm32-unknown-unknown/release/rustrict_in_wasm.wasm`);
    const { instance } = await WebAssembly.instantiate(wasm, {});
    const { memory, space, is_inappropriate } = instance.exports as {
      memory: WebAssembly.Memory;
      space(len: number): number;
      is_inappropriate(text: number, len: number): number;
    };
    return (text) => {
      const bytes = new TextEncoder().encode(text);
      const address = space(bytes.length);
      new Uint8Array(memory.buffer, address, bytes.length).set(bytes);
      return is_inappropriate(address, bytes.length) === 1;
    };
  } finally {
    await Deno.remove(target, { recursive: true });
  }
}
