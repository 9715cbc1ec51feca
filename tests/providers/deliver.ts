/** Makes rounds of deliveries that it reads from standard input, and writes the answers. */
import { newDeliver } from "../../supabase/functions/_shared/providers/index.ts";

const deliver = newDeliver();
const { rounds, pauseMs }: { rounds: object[][]; pauseMs: number } = await new Response(Deno.stdin.readable).json();
const answers = [];
for (const round of rounds) {
  if (answers.length > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  const replies = await Promise.all(round.map((delivery) => deliver(JSON.stringify(delivery))));
  answers.push(replies.map(({ body, ...reply }) => ({ ...reply, text: new TextDecoder().decode(body) })));
}
console.log(JSON.stringify(answers));
Deno.exit(0);
