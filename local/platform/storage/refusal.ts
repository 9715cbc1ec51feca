import connect from "postgres";

/** An error as Storage answers it: many with status 400, and the real one in the body. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  get response(): Response {
    const body = { statusCode: `${this.status}`, error: this.code, message: this.message };
    return Response.json(body, { status: this.status === 500 || this.status === 413 ? this.status : 400 });
  }
}

export function notFound(): Refusal {
  return new Refusal(404, "not_found", "Object not found");
}

export function databaseError({ code, message }: connect.PostgresError): Refusal {
  if (code === "23505") return new Refusal(409, "Duplicate", "The resource already exists");
  if (code === "42501") return new Refusal(403, "Unauthorized", message);
  return new Refusal(500, "DatabaseError", message);
}
