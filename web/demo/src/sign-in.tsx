import { useMutation } from "@tanstack/react-query";
import { isAuthRetryableFetchError } from "@supabase/supabase-js";
import { useState } from "react";
import { go } from "./path.js";
import { useProject } from "./project.js";

export function SignIn() {
  const { client, t } = useProject();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: async () => {
      const { error } = await client.auth.signInWithPassword({ email, password });
      if (error) throw error;
    },
    onSuccess: () => go("/"),
  });
  return (
    <form
      className="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      <h1>{t.signIn}</h1>
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
      {signIn.error && <p role="alert">{isAuthRetryableFetchError(signIn.error) ? t.unreachable : t.wrong}</p>}
      <button type="submit" disabled={signIn.isPending}>{t.signIn}</button>
    </form>
  );
}
