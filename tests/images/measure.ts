/** Processes a file a few times, as a function does, and prints what it took as JSON. Run as a process of its own. */
import { memoryBytes, process } from "../../pkg/images/images.js";

const [file, times] = [Deno.args[0]!, Number(Deno.args[1])];
/** The time of all threads, in the ticks of Linux; Deno 2.1.4 has nothing for it. */
function cpuMs(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
  return (user! + system!) * 10;
}

const runs = [];
for (let run = 0; run < times; run++) {
  const before = cpuMs();
  const answer = process(Deno.readFileSync(file));
  const bytes = answer.status === "processed" ? answer.variants.map((variant) => variant.bytes.length) : [];
  runs.push({ status: answer.status, bytes, cpuMs: cpuMs() - before });
}
const peak = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"))![1];
console.log(JSON.stringify({
  runs,
  wasmBytes: memoryBytes(),
  processCpuMs: cpuMs(),
  peakBytes: Number(peak) * 1024,
}));
