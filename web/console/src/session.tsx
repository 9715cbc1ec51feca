import { isAuthRetryableFetchError } from "@supabase/auth-js";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useProject } from "./project.js";

export function SignIn({ email: known = "" }: { email?: string }) {
  const { client, t } = useProject();
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: async () => {
      const { error } = await client.auth.signInWithPassword({ email, password });
      if (error) throw error;
    },
  });
  return (
    <form
      className="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      <label>
        {t.email}
        <input type="email" required autoComplete="username" value={email} onChange={(e) => setEmail(e.target.value)} />
      </label>
      <label>
        {t.password}
        <input
          type="password"
          required
          autoComplete="current-password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
      </label>
      {signIn.error && (
        <p role="alert" className="bad">{isAuthRetryableFetchError(signIn.error) ? t.unreachable : t.wrong}</p>
      )}
      <button type="submit" className="main" disabled={signIn.isPending}>{t.signIn}</button>
    </form>
  );
}
